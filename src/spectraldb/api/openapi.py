"""The OpenAPI document, generated from the tables of columns, operators and parameters."""

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

    It omits FastAPI's schemas of validation errors, since these errors have status 400 and the
    same form as all others.
    """
    document = FastAPI.openapi(app)
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    return document


def format_parameter(formats: Iterable[str]) -> Parameter:
    """Return the parameter `format` of a retrieval, which only the API has."""
    names = ", ".join(formats)
    return Parameter(f"{names}; json and npz contain arrays, the others a row per pixel", "csv")


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
    # The example is part of the description, because the documentation page would fill its form
    # with the values of all fields `example`.
    unit = f" In {column.unit}." if column.unit else ""
    allowed = ", ".join(sorted(column.allowed_values))
    values = f" Values: {allowed}." if allowed else ""
    aliases = f" Aliases: {', '.join(column.aliases)}." if column.aliases else ""
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
    limits = {"limit": f" (default {settings.default_limit}, at most {settings.max_limit})"}
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
        "Retrieve the pixel arrays of a product, with the values, order and shape of the file.\n\n"
        "Cut-outs select pixels without changing their values; all parameters must be fulfilled. "
        "`bin` combines the good pixels along axes to their mean or sum. Formats: "
        f"{', '.join(ARRAY_FORMATS)}, selected by `format`, by suffix (`retrieve.csv`) or by "
        "Accept. JSON and npz contain arrays, the others a row per pixel."
    )


def search_description() -> str:
    """Return the description of `search`: the grammar of conditions, and the results."""
    return (
        "Find single pixels across all products.\n\n"
        "Every parameter that is a column is a condition. All conditions must hold. "
        "`column=value` is equality; `column=low,high` is an inclusive range of numbers; "
        "`column=a,b` matches any of several texts. Text matching is case-insensitive. "
        "A missing value matches only `.isnull=true`.\n\n" + _operators() + "\n\n"
        "By default, only x1d products are searched; use `product=all` for every type. Each result "
        "has fileName, x, y, wavelength (and z for cubes), the columns of the conditions, and "
        "those of `columns`. Results are in the order of ingestion, then by spectrum and pixel. "
        "`next` is the URL of the next page, which reads the same `version` of the lake. `query` "
        "is the SQL that was run."
    )


def products_description() -> str:
    """Return the description of `search/products`."""
    return (
        "Find products by their metadata and that of their spectra. Pixels are not read.\n\n"
        "Conditions are those of `search`, on columns of products and spectra. At least one "
        "spectrum of the product must fulfil all conditions on spectra and on position. Unlike "
        "`search`, it searches every product type by default.\n\n" + _operators() + "\n\n"
        f"Each result is a product, with {', '.join(PRODUCT_COLUMNS)}, the columns of the "
        "conditions, and those of `columns`. `matchedSpectra` is the number of spectra that "
        "fulfil the conditions on spectra. Products are in the order of ingestion. `next`, "
        "`version` and `query` are as in `search`."
    )


def _operators() -> str:
    """Return a table of the operators in Markdown."""
    head = "| operator | the column | example |\n|---|---|---|\n"
    rows = (f"| `.{op.key}` | {op.description} | `{op.example}` |" for op in OPERATORS.values())
    return head + "\n".join(rows)
