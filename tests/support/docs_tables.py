"""The tables of the documentation, made from the code they describe.

A table lies in its page between two comments, ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.
Write them anew after a change to the vocabulary, the operators, the settings or the commands:

    .venv/bin/python -m tests.support.docs_tables
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import pyarrow as pa
import typer

from spectraldb import client, errors
from spectraldb.api.app import PREFIXES
from spectraldb.api.openapi import format_parameter
from spectraldb.cli import app
from spectraldb.formats.registry import ARRAY_FORMATS, FORMATS
from spectraldb.lake.layout import PARTITION
from spectraldb.query.conditions import PARAMETERS
from spectraldb.query.match import MATCH_PARAMETERS
from spectraldb.query.operators import OPERATORS
from spectraldb.query.result_columns import PRODUCT_COLUMNS
from spectraldb.query.retrieval import PARAMETERS as CUTOUTS
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.column import Column
from spectraldb.schema.columns import COLUMNS, columns_of
from spectraldb.schema.tables import Table
from spectraldb.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFRESH = ".venv/bin/python -m tests.support.docs_tables"

_SECTION = re.compile(
    r"(?P<begin><!-- begin (?P<name>[\w-]+) -->\n)(?P<body>.*?)(?P<end><!-- end (?P=name) -->)",
    re.DOTALL,
)

_TYPES = {"string": "text", "float": "float", "int": "int", "long": "long", "bool": "bool"}
_TAKES = {"one": "one value", "two": "two values", "some": "any number of values"}
_DELTA = {
    pa.string(): "string",
    pa.float64(): "double",
    pa.int32(): "integer",
    pa.int64(): "long",
    pa.bool_(): "boolean",
}


def pages() -> list[Path]:
    """Return the pages of the documentation."""
    return sorted(DOCS.glob("*.md"))


def sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and content of the marked sections of a page."""
    for match in _SECTION.finditer(text):
        yield match["name"], match["body"]


def refreshed(text: str) -> str:
    """Return a page with its marked sections made anew."""

    def replace(match: re.Match[str]) -> str:
        return match["begin"] + generate(match["name"]) + match["end"]

    return _SECTION.sub(replace, text)


def generate(name: str) -> str:
    """Return what a marked section holds."""
    return GENERATORS[name]()


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _code(*words: str) -> str:
    return ", ".join(f"`{word}`" for word in words)


# The vocabulary


def _meaning(column: Column) -> str:
    words = f"; one of {_code(*sorted(column.allowed_values))}" if column.allowed_values else ""
    aliases = f"; also written {_code(*column.aliases)}" if column.aliases else ""
    return column.description + words + aliases


def _columns(table: Table) -> Callable[[], str]:
    def make() -> str:
        rows = (
            (_code(c.name), _TYPES[c.dtype], c.unit, _meaning(c), _code(*c.fits))
            for c in columns_of(table)
            if c.searchable
        )
        return _table(("column", "type", "unit", "what it is", "FITS"), rows)

    return make


def _always() -> str:
    """Return what a search for products always answers with."""
    return f"Always given: {_code(*PRODUCT_COLUMNS)}.\n"


def _arrays() -> str:
    rows = (
        (_code(c.name), _code(*c.fits), c.description)
        for c in COLUMNS
        if c.table in (Table.PIXEL, Table.ARRAY) and c.fits
    )
    return _table(("array", "FITS column or extension", "what it is"), rows)


def _lake(table: Table) -> Callable[[], str]:
    known = {column.name: column for column in COLUMNS}

    def make() -> str:
        rows = []
        for field in SCHEMAS[table]:
            column = known[field.name]
            note = "" if column.searchable else column.description
            rows.append((_code(field.name), _DELTA[field.type], column.unit, column.ucd, note))
        if table is not Table.PRODUCT:
            rows.append((_code(PARTITION), "string", "", "", "partition; in the folders' names"))
        return _table(("column", "type", "unit", "UCD", "note"), rows)

    return make


# The grammar


def _operators() -> str:
    rows = (
        (_code(f".{op.key}"), op.description, _TAKES[op.takes], _kinds(op.kinds), _code(op.example))
        for op in OPERATORS.values()
    )
    return _table(("operator", "the column", "takes", "goes with", "example"), rows)


def _kinds(kinds: Iterable[str]) -> str:
    names = {"number": "numbers", "string": "text", "bool": "bool"}
    return ", ".join(names[kind] for kind in names if kind in kinds)


def _parameters(known: Mapping[str, str]) -> Callable[[], str]:
    return lambda: _table(("parameter", "what it is"), ((_code(n), t) for n, t in known.items()))


def _formats() -> str:
    rows = [
        (_code(each.name), _code(each.media_type), each.description, _code(f"search.{each.name}"))
        for each in FORMATS.values()
    ]
    return _table(("format", "media type", "what it is", "ending"), rows)


def _cutouts() -> str:
    rows = [(_code(n), p.description, _code(p.example)) for n, p in CUTOUTS.items()]
    form = format_parameter(ARRAY_FORMATS)
    rows += [(_code("format"), form.description, _code(form.example))]
    return _table(("parameter", "what it is", "example"), rows)


# The client


def client_names() -> dict[str, object]:
    """Return every public name of the client: its classes, and what they have."""
    names: dict[str, object] = {}
    for name in client.__all__:
        cls = getattr(client, name)
        names[name] = cls
        names |= {f"{name}.{member}": getattr(cls, member) for member in _members(cls)}
    return names


def _members(cls: type) -> list[str]:
    bases = [base for base in reversed(cls.__mro__) if base.__module__.startswith("spectraldb.")]
    members = {name: each for base in bases for name, each in vars(base).items()}
    return [
        name
        for name, each in members.items()
        if not name.startswith("_") and inspect.getdoc(each) and not _is_field(cls, name)
    ]


def _is_field(cls: type, name: str) -> bool:
    return name in getattr(cls, "__dataclass_fields__", ())


def _client() -> str:
    rows = [(_code(name), _summary(each)) for name, each in client_names().items()]
    return _table(("name", "what it is"), rows)


def _summary(each: object) -> str:
    return str(inspect.getdoc(each)).split("\n\n", 1)[0].replace("\n", " ")


# The server


def _settings() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        said = field.default_factory is None and field.default is not None
        default = _code(str(field.default)) if said else ""
        rows.append((_code(f"SPECTRALDB_{name.upper()}"), default, str(field.description)))
    return _table(("variable", "default", "what it is"), rows)


def statuses() -> dict[int, str]:
    """Return the HTTP statuses that errors have, and what each means."""
    classes = [
        errors.BadQueryError,
        errors.NotHeldError,
        errors.FileChangedError,
        errors.FileGoneError,
        errors.LimitError,
        errors.StoppedError,
        errors.LakeError,
    ]
    told = {cls.status: str(cls.__doc__).split("\n", 1)[0] for cls in classes}
    told[404] += " Or there is no such page."
    told[503] += (
        " Or the server is busy (`SPECTRALDB_MAX_RUNNING`), or the cluster does not answer."
    )
    told |= {
        405: "The endpoint was asked with another method than GET or HEAD.",
        429: "One client asked more often than the server's settings allow.",
        500: "The server failed; its log tells more.",
    }
    return told


def _statuses() -> str:
    rows = ((f"`{status}`", text) for status, text in sorted(statuses().items()))
    return _table(("status", "when"), rows)


def _endpoints() -> str:
    told = {
        "retrieve": "all pixel arrays of a product: [retrieving](retrieving.md)",
        "retrieve/derived": "the derived figures of its spectra: [derived figures](derived.md)",
        "search": "pixels of all products: [searching](searching.md)",
        "search/products": "products by what they and their spectra are: [searching](searching.md)",
        "search/count": "how many pixels match: [searching](searching.md)",
        "search/columns": "the columns and operators of a search, as JSON",
        "search/sql": "the SQL that a search would run, without running it",
        "match": "asked with POST: what lies around many positions: "
        "[searching](searching.md#around-many-positions)",
        "retrieve/file": "the FITS file itself: [retrieving](retrieving.md)",
        "lines": "spectral lines and features with their rest wavelengths and sources",
        "holdings": "how many products, spectra and pixels there are, of each type and in all",
    }
    rows = [(_code(f"{PREFIXES[0]}/{name}"), text) for name, text in told.items()]
    rows += [(_code(f"{PREFIXES[1]}/..."), "the same")]
    rows += [(_code("/"), "the web page to search"), (_code("/product?uri=..."), "a product in it")]
    rows += [(_code("/health"), "whether the process is alive")]
    rows += [(_code("/ready"), "whether the lake can be read: searches will be answered")]
    rows += [(_code("/metrics"), "how much is asked and how fast it is answered, for Prometheus")]
    rows += [(_code("/spectra/docs"), "this API, to read and to try; needs no internet access")]
    rows += [(_code("/spectra/openapi.json"), "its description as OpenAPI")]
    return _table(("path", "what it answers"), rows)


# The command line


def commands() -> dict[str, Any]:
    """Return the commands by name."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def _command_list() -> str:
    rows = ((f"[`{n}`](#{n})", str(c.help).split("\n", 1)[0]) for n, c in commands().items())
    return _table(("command", "what it does"), rows)


def _plain(text: str | None) -> str:
    """Return a help text without the backslashes that keep its brackets from being markup."""
    return (text or "").replace("\\[", "[")


def _command(command: Any) -> Callable[[], str]:
    def make() -> str:
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        usage = [f"{p.name.upper()}{'...' if p.nargs == -1 else ''}" for p in arguments]
        usage = [u if p.required else f"[{u}]" for u, p in zip(usage, arguments, strict=True)]
        head = " ".join(["spectraldb", command.name, "[OPTIONS]", *usage])
        rows = [(_code(u), _plain(p.help)) for u, p in zip(usage, arguments, strict=True)]
        rows += [
            (_code(*p.opts), _option_help(p))
            for p in command.params
            if p.param_type_name == "option"
        ]
        return f"    {head}\n\n" + _table(("argument or option", "what it is"), rows)

    return make


def _option_help(option: Any) -> str:
    choices = type(option.default) if isinstance(option.default, Enum) else ()
    words = f" One of {_code(*(str(c.value) for c in choices))}." if choices else ""
    variable = f" Or `{option.envvar}`." if option.envvar else ""
    return f"{_plain(option.help)}{words}{variable}"


GENERATORS: dict[str, Callable[[], str]] = {
    "columns-product": _columns(Table.PRODUCT),
    "columns-spectrum": _columns(Table.SPECTRUM),
    "columns-pixel": _columns(Table.PIXEL),
    "columns-always": _always,
    "arrays": _arrays,
    "lake-product": _lake(Table.PRODUCT),
    "lake-spectrum": _lake(Table.SPECTRUM),
    "lake-pixel": _lake(Table.PIXEL),
    "operators": _operators,
    "parameters": _parameters(PARAMETERS),
    "match": _parameters(MATCH_PARAMETERS),
    "formats": _formats,
    "cutouts": _cutouts,
    "client": _client,
    "settings": _settings,
    "statuses": _statuses,
    "endpoints": _endpoints,
    "commands": _command_list,
    **{f"command-{name}": _command(command) for name, command in commands().items()},
}
"""What makes each section, by its name."""


def main() -> None:
    """Make the marked sections of all pages anew."""
    for page in pages():
        text = page.read_text("utf-8")
        if refreshed(text) != text:
            page.write_text(refreshed(text), "utf-8")
            print(f"refreshed {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
