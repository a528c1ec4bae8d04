"""The OpenAPI document, made from the tables of columns, operators and parameters."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI

from spectraldb.formats.registry import ARRAY_FORMATS
from spectraldb.query.conditions import (
    PARAMETERS,
    PRODUCT_PARAMETERS,
    PRODUCT_TABLES,
    column_takes,
)
from spectraldb.query.model import KINDS
from spectraldb.query.operators import OPERATORS
from spectraldb.query.result_columns import PRODUCT_COLUMNS
from spectraldb.query.retrieval import Parameter
from spectraldb.schema.column import Column
from spectraldb.schema.columns import searchable_columns
from spectraldb.schema.tables import Table
from spectraldb.settings import Settings

_TYPES = {"string": "string", "number": "string", "bool": "boolean"}
_TABLES = {
    Table.PIXEL: "of the pixel",
    Table.SPECTRUM: "of the spectrum",
    Table.PRODUCT: "of the product",
}


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application.

    FastAPI's own schemas of validation errors are left out: here these errors have status 400 and
    the same form as all others.
    """
    document = FastAPI.openapi(app)
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    return document


def format_parameter(formats: Iterable[str]) -> Parameter:
    """Return the parameter `format` of a retrieval, which only the API has."""
    names = ", ".join(formats)
    return Parameter(f"{names}; all but json and npz have a row for each pixel", "csv")


def search_parameters(settings: Settings) -> list[dict[str, Any]]:
    """Return the parameters of `search`; columns of pixels come first: most searches use them."""
    tables = list(_TABLES)
    columns = sorted(searchable_columns(), key=lambda column: tables.index(column.table))
    return [*_general(PARAMETERS, settings), *map(_condition, columns)]


def product_parameters(settings: Settings) -> list[dict[str, Any]]:
    """Return the parameters of `search/products`; columns of products come first."""
    columns = (c for t in PRODUCT_TABLES for c in searchable_columns() if c.table is t)
    return [*_general(PRODUCT_PARAMETERS, settings), *map(_condition, columns)]


def _condition(column: Column) -> dict[str, Any]:
    """Return the parameter that is a condition on a column."""
    # The example is part of the description: the documentation page would fill a form with all
    # values of the field `example`.
    unit = f" In {column.unit}." if column.unit else ""
    allowed = ", ".join(sorted(column.allowed_values))
    values = f" One of {allowed}." if allowed else ""
    aliases = f" Also written {', '.join(column.aliases)}." if column.aliases else ""
    keys = ", ".join(f".{op.key}" for op in OPERATORS.values() if column_takes(column, op))
    return {
        "name": column.name,
        "in": "query",
        "required": False,
        "description": (
            f"Condition on a column {_TABLES[column.table]}: {column.description}.{unit}{values}"
            f"{aliases} Example: `{column.name}={column.example}`. Operators: {keys}."
        ),
        "schema": {"type": _TYPES[KINDS[column.dtype]]},
    }


def _general(parameters: dict[str, str], settings: Settings) -> list[dict[str, Any]]:
    """Return the parameters that are not conditions on columns."""
    types = {"limit": "integer", "version": "integer", "group": "boolean"}
    limits = {"limit": f" ({settings.default_limit} if not said, {settings.max_limit} at most)"}
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": text[0].upper() + text[1:] + limits.get(name, "") + ".",
            "schema": {"type": types.get(name, "string")},
        }
        for name, text in parameters.items()
    ]


def retrieval_parameters(
    parameters: Mapping[str, Parameter], formats: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """Return the parameters of a retrieval, with `format` if there are several formats."""
    documented = dict(parameters)
    if formats:
        documented["format"] = format_parameter(formats)
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": f"{p.description[0].upper()}{p.description[1:]}. "
            f"Example: `{name}={p.example}`.",
            "schema": {"type": "string"},
        }
        for name, p in documented.items()
    ]


def retrieval_description() -> str:
    """Return the description of `retrieve`."""
    return (
        "Retrieve the pixel arrays of a product, in the file's own values, order and shape.\n\n"
        "Cut-outs leave pixels out and change none: what several parameters say must all hold. "
        "`bin` puts the good pixels along axes together, to their mean or sum. Also as "
        f"{', '.join(ARRAY_FORMATS)}, by `format`, by ending (`retrieve.csv`) or by Accept: all "
        "but JSON and npz have a row for each pixel."
    )


def search_description() -> str:
    """Return the description of `search`: the grammar of conditions, and the results."""
    return (
        "Find single pixels across all products.\n\n"
        "Every parameter that is a column is a condition, and all of them must hold. "
        "`column=value` is equality, `column=low,high` a range with both ends included for "
        "numbers, `column=a,b` any of the values for text. Text matches whatever its case. "
        "A pixel, spectrum or product without a value in a column matches no condition on it but "
        "`.isnull=true`.\n\n" + _operators() + "\n\n"
        "x1d products are searched unless `product` says otherwise (`product=all`: every type). "
        "Each result has fileName, x, y, wavelength (and z for cubes), every column that a "
        "condition names, and those of `columns`. Results come in the order in which products "
        "were ingested, within a product by spectrum, within a spectrum by pixel; `next` is the "
        "URL of the following page, which reads the same `version` of the lake. `query` is the "
        "SQL that ran."
    )


def products_description() -> str:
    """Return the description of `search/products`."""
    return (
        "Find products by what they and their spectra are; no pixel is looked at.\n\n"
        "Conditions are written as in `search`, on columns of products and of spectra. Those on "
        "spectra, and a circle of ra, dec and radius, must all hold for one spectrum of the "
        "product. Unlike `search`, it looks at every type of product unless `product` says "
        "otherwise.\n\n" + _operators() + "\n\n"
        f"Each result is a product, with {', '.join(PRODUCT_COLUMNS)}, every column of products "
        "that a condition names, and those of `columns`. `matchedSpectra` counts the spectra "
        "that fulfil the conditions on spectra. Products come in the order in which they were "
        "ingested; `next`, `version` and `query` are those of `search`."
    )


def _operators() -> str:
    """Return a table of the operators in Markdown."""
    head = "| operator | the column | example |\n|---|---|---|\n"
    rows = (f"| `.{op.key}` | {op.description} | `{op.example}` |" for op in OPERATORS.values())
    return head + "\n".join(rows)
