"""Tables of the grammar: operators, parameters, formats."""

from collections.abc import Callable, Iterable, Mapping

from spectraldb.api.openapi import format_parameter
from spectraldb.formats.registry import ARRAY_FORMATS, FORMATS
from spectraldb.query.operators import OPERATORS
from spectraldb.query.retrieval import PARAMETERS as CUTOUTS
from tests.support.docs_tables.markdown import code, table

_TAKES = {
    "one": "one value",
    "two": "two values",
    "some": "any number of values",
    "boolean": "true or false",
}


def operators_table() -> str:
    """Return the table of the operators of conditions."""
    rows = (
        (code(f".{op.key}"), op.description, _TAKES[op.takes], _kinds(op.kinds), code(op.example))
        for op in OPERATORS.values()
    )
    return table(("operator", "the column", "values", "types", "example"), rows)


def _kinds(kinds: Iterable[str]) -> str:
    names = {"number": "numbers", "string": "text", "bool": "bool"}
    return ", ".join(names[kind] for kind in names if kind in kinds)


def parameters_table(known: Mapping[str, str]) -> Callable[[], str]:
    """Return a generator of a table of parameters."""
    return lambda: table(("parameter", "description"), ((code(n), t) for n, t in known.items()))


def formats_table() -> str:
    """Return the table of the formats of searches."""
    rows = [
        (code(each.name), code(each.media_type), each.description, code(f"search.{each.name}"))
        for each in FORMATS.values()
    ]
    return table(("format", "media type", "description", "path"), rows)


def cutouts_table() -> str:
    """Return the table of the parameters of a retrieval."""
    rows = [(code(n), p.description, code(p.example)) for n, p in CUTOUTS.items()]
    form = format_parameter(ARRAY_FORMATS)
    rows += [(code("format"), form.description, code(form.example))]
    return table(("parameter", "description", "example"), rows)
