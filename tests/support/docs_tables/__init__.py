"""Tables of the documentation, generated from the code that they describe.

In a page, two comments enclose a table: ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.
Generate the tables again after a change of columns, operators, settings or commands:

    .venv/bin/python -m tests.support.docs_tables
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from spectraldb.query.conditions import PARAMETERS
from spectraldb.query.match import MATCH_PARAMETERS
from spectraldb.schema.tables import Table
from tests.support.docs_tables.client import client_names, client_table
from tests.support.docs_tables.columns import (
    always_included,
    arrays_table,
    columns_table,
    lake_table,
)
from tests.support.docs_tables.commands import command_table, commands, commands_table
from tests.support.docs_tables.grammar import (
    cutouts_table,
    formats_table,
    operators_table,
    parameters_table,
)
from tests.support.docs_tables.server import (
    endpoints_table,
    settings_table,
    statuses,
    statuses_table,
)

__all__ = ["DOCS", "GENERATORS", "REFRESH", "ROOT", "client_names", "commands", "statuses"]

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
REFRESH = ".venv/bin/python -m tests.support.docs_tables"

_SECTION = re.compile(
    r"(?P<begin><!-- begin (?P<name>[\w-]+) -->\n)(?P<body>.*?)(?P<end><!-- end (?P=name) -->)",
    re.DOTALL,
)

GENERATORS: dict[str, Callable[[], str]] = {
    "columns-product": columns_table(Table.PRODUCT),
    "columns-spectrum": columns_table(Table.SPECTRUM),
    "columns-pixel": columns_table(Table.PIXEL),
    "columns-always": always_included,
    "arrays": arrays_table,
    "lake-product": lake_table(Table.PRODUCT),
    "lake-spectrum": lake_table(Table.SPECTRUM),
    "lake-pixel": lake_table(Table.PIXEL),
    "operators": operators_table,
    "parameters": parameters_table(PARAMETERS),
    "match": parameters_table(MATCH_PARAMETERS),
    "formats": formats_table,
    "cutouts": cutouts_table,
    "client": client_table,
    "settings": settings_table,
    "statuses": statuses_table,
    "endpoints": endpoints_table,
    "commands": commands_table,
    **{f"command-{name}": command_table(command) for name, command in commands().items()},
}
"""Functions that generate the sections, by name."""


def pages() -> list[Path]:
    """Return the pages of the documentation."""
    return sorted(DOCS.glob("*.md"))


def sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and content of the marked sections of a page."""
    for match in _SECTION.finditer(text):
        yield match["name"], match["body"]


def refreshed(text: str) -> str:
    """Return a page with its marked sections generated again."""

    def replace(match: re.Match[str]) -> str:
        return match["begin"] + generate(match["name"]) + match["end"]

    return _SECTION.sub(replace, text)


def generate(name: str) -> str:
    """Return the content of a marked section."""
    return GENERATORS[name]()
