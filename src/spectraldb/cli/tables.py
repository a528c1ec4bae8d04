"""Output of rows: a table for people, JSON or CSV for programs."""

import csv
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import orjson
from rich.table import Table

from spectraldb.cli.console import OutputFormat, err, out, write_bytes
from spectraldb.formats.json import search_json
from spectraldb.results import SearchPage
from spectraldb.schema.dq_flags import flag_names

Row = dict[str, Any]


def print_rows(rows: Sequence[Row], columns: Sequence[str], form: OutputFormat) -> None:
    """Print rows as a table, as a JSON list of objects, or as CSV."""
    if form is OutputFormat.JSON:
        write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")
    elif form is OutputFormat.CSV:
        _print_csv(rows, columns, sys.stdout)
    else:
        out.print(make_table(columns, ([row[name] for name in columns] for row in rows)))


def print_search(answer: SearchPage, form: OutputFormat, hidden: Sequence[str] = ()) -> None:
    """Print a page of a search; JSON is that of the API, a table omits the hidden columns."""
    next_page = None if answer.after is None else f"--after {answer.after}"
    if form is OutputFormat.JSON:
        write_bytes(search_json(answer, next_page) + b"\n")
    else:
        shown = [n for n in answer.columns if form is not OutputFormat.TABLE or n not in hidden]
        rows = answer.rows.to_pylist()
        print_rows(_named_flags(rows, answer) if form is OutputFormat.TABLE else rows, shown, form)
    if form is OutputFormat.TABLE:
        out.print(answer.summary, style="dim")
    elif form is OutputFormat.CSV and not len(answer.rows):
        err.print(answer.summary, highlight=False, markup=False, soft_wrap=True)
    if answer.excluded:
        err.print(answer.excluded, style="yellow", highlight=False, markup=False, soft_wrap=True)
    if next_page:
        err.print(f"For more results, add {next_page}", style="yellow", soft_wrap=True)


def _named_flags(rows: Sequence[Row], answer: SearchPage) -> list[Row]:
    """Return rows with the names of their flags, for people."""
    flags = [name for name, column in answer.columns.items() if column.has_flags]
    return [row | {name: _with_names(row[name]) for name in flags} for row in rows]


def _with_names(value: int | None) -> str | None:
    if value is None:
        return None
    names = ", ".join(flag_names(value))
    return f"{value} ({names})" if names else str(value)


def make_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Return a table for a terminal; None is an empty cell."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else _text(value) for value in row))
    return table


def _text(value: object) -> str:
    return f"{value:.8g}" if isinstance(value, float) else str(value)


def _print_csv(rows: Sequence[Row], columns: Sequence[str], file: TextIO) -> None:
    writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
