"""How answers are printed: a table for people, JSON or CSV for programs."""

import csv
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

import orjson
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from spectraldb.formats import columnar
from spectraldb.formats.arrays import ARRAY_FORMATS, FIGURE_FORMATS
from spectraldb.formats.json import arrays_json, search_json
from spectraldb.formats.pixel_table import pixel_table
from spectraldb.formats.registry import choose
from spectraldb.results import ArraysResult, SearchPage

Row = dict[str, Any]

SHOWN_PIXELS = 20
MAIN_FIGURES = (
    "spectrum",
    "nGood",
    "wavelengthMin",
    "wavelengthMax",
    "fluxMedian",
    "derSnr",
    "medianSnr",
)
LESSER_COLUMNS = (
    "fileName",
    "targetRA",
    "targetDec",
    "filter",
    "grating",
    "channel",
    "productWavelengthMin",
    "productWavelengthMax",
    "nStored",
)
"""What a search for products answers with and a table has room for only if it was asked for."""

out = Console()
err = Console(stderr=True)


class OutputFormat(StrEnum):
    """What a command prints; `auto` is a table on a terminal and JSON elsewhere."""

    AUTO = "auto"
    TABLE = "table"
    JSON = "json"
    CSV = "csv"

    def chosen(self) -> "OutputFormat":
        """Return the format, `auto` settled."""
        if self is not OutputFormat.AUTO:
            return self
        return OutputFormat.TABLE if out.is_terminal else OutputFormat.JSON


def print_rows(rows: Sequence[Row], columns: Sequence[str], form: OutputFormat) -> None:
    """Print rows as a table, as a JSON list of objects, or as CSV."""
    if form is OutputFormat.JSON:
        _write(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")
    elif form is OutputFormat.CSV:
        _print_csv(rows, columns, sys.stdout)
    else:
        out.print(_table(columns, ([row[name] for name in columns] for row in rows)))


INFO_COLUMNS = ("productType", "products", "spectra", "pixels", "files", "segments", "bytes")


def print_info(told: Row, form: OutputFormat) -> None:
    """Print what a lake is and holds."""
    if form is OutputFormat.JSON:
        print_rows([told], list(told), form)
    elif form is OutputFormat.CSV:
        print_rows(told["productTypes"], INFO_COLUMNS, form)
    else:
        _print_info_table(told)


def _print_info_table(told: Row) -> None:
    versions = f"{told['version']}, back to {told['oldestVersion']}"
    disk = f"{decimal(told['bytes'])}, {decimal(told['segmentBytes'])} of it segments"
    if told["byWavelengthBytes"]:
        disk += f", {decimal(told['byWavelengthBytes'])} by wavelength"
    lines = {"lake": told["lake"], "version": versions, "disk": disk}
    for name, text in lines.items():
        out.print(f"{name:<8} {text}", highlight=False, soft_wrap=True)
    out.print()
    rows = [row | {"bytes": decimal(row["bytes"])} for row in told["productTypes"]]
    print_rows(rows, INFO_COLUMNS, OutputFormat.TABLE)
    if told["due"]:
        out.print(
            "`spectraldb optimize` makes searches fast: files of pixels without a segment: "
            f"{told['due']:,}",
            style="yellow",
            soft_wrap=True,
        )


def print_search(answer: SearchPage, form: OutputFormat, hidden: Sequence[str] = ()) -> None:
    """Print a page of a search; JSON is the API's answer, a table lacks the hidden columns."""
    next_page = None if answer.after is None else f"--after {answer.after}"
    if form is OutputFormat.JSON:
        _write(search_json(answer, next_page) + b"\n")
    else:
        shown = [n for n in answer.columns if form is not OutputFormat.TABLE or n not in hidden]
        print_rows(answer.rows.to_pylist(), shown, form)
    if form is OutputFormat.TABLE:
        out.print(answer.message, style="dim")
    if next_page:
        err.print(f"more follow: {next_page}", style="yellow", soft_wrap=True)


def print_arrays(answer: ArraysResult, form: OutputFormat) -> None:
    """Print the arrays of a product."""
    if form is OutputFormat.JSON:
        for piece in arrays_json(answer):
            _write(piece)
        _write(b"\n")
    elif form is OutputFormat.CSV:
        _print_pixels(answer)
    else:
        _print_head(answer)


def print_derived(answer: ArraysResult, form: OutputFormat) -> None:
    """Print the figures of a product's spectra; the table has the main ones."""
    if form is not OutputFormat.TABLE:
        print_arrays(answer, form)
        return
    out.print(f"[bold]{answer.file_name}[/bold]  {answer.product_type}", highlight=False)
    shown = {c.name: c.read().tolist() for c in answer.columns if c.name in MAIN_FIGURES}
    out.print(_table(list(shown), zip(*shown.values(), strict=True)))
    out.print("--format json or csv gives every figure", style="dim")


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
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


def _print_head(answer: ArraysResult) -> None:
    """Print what a product's arrays are, and the first pixels of 1-D ones."""
    out.print(
        f"[bold]{answer.file_name}[/bold]  {answer.product_type}  {answer.uri}", highlight=False
    )
    described = (
        (c.name, "x".join(map(str, c.shape)), c.dtype, c.unit or None, c.fits_ext, c.description)
        for c in answer.columns
    )
    out.print(_table(("column", "shape", "type", "unit", "from", "description"), described))
    if all(len(column.shape) == 1 for column in answer.columns):
        values = {c.name: c.read()[:SHOWN_PIXELS].tolist() for c in answer.columns}
        names = list(values)[:8]
        out.print()
        out.print(_table(names, zip(*(values[name] for name in names), strict=False)))
        out.print("--format json or csv gives every pixel", style="dim")


def _print_pixels(answer: ArraysResult) -> None:
    """Print a row for each pixel: indices along the axes of images and cubes, then the arrays."""
    for piece in columnar.csv(pixel_table(answer)):
        _write(piece)


def write_arrays(answer: ArraysResult, path: Path) -> None:
    """Write the arrays of a product to a file, in the format that its ending names.

    Raises
    ------
    BadQueryError
        If there is no such format.
    """
    # Texts and missing values are figures, not arrays of a file: some formats cannot hold them.
    known = FIGURE_FORMATS if answer.dispersion is None else ARRAY_FORMATS
    form = choose(known, path.suffix.removeprefix(".") or None, None, None)
    pieces = form.write(answer)
    partial = path.with_name(f"{path.name}.part")
    with partial.open("wb") as file:
        file.writelines(pieces)
    partial.replace(path)


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
