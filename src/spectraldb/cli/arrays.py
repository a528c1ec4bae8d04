"""Output of the arrays of a product, on standard output or in a file."""

from pathlib import Path

from spectraldb.cli.console import OutputFormat, out, write_bytes
from spectraldb.cli.tables import make_table
from spectraldb.errors import BadQueryError
from spectraldb.formats import columnar
from spectraldb.formats.json import arrays_json
from spectraldb.formats.pixel_table import pixel_table
from spectraldb.formats.registry import ARRAY_FORMATS, FORMATS, choose
from spectraldb.results import ArraysResult

SHOWN_PIXELS = 20
"""The number of pixels of a 1-D product in a table."""
MAIN_STATISTICS = (
    "spectrum",
    "nGood",
    "wavelengthMin",
    "wavelengthMax",
    "fluxMedian",
    "derSnr",
    "medianSnr",
)
"""The columns of the table of derived statistics."""


def print_arrays(answer: ArraysResult, form: OutputFormat) -> None:
    """Print the arrays of a product."""
    if form is OutputFormat.JSON:
        for piece in arrays_json(answer):
            write_bytes(piece)
        write_bytes(b"\n")
    elif form is OutputFormat.CSV:
        _print_pixels(answer)
    else:
        _print_description(answer)


def print_derived(answer: ArraysResult, form: OutputFormat) -> None:
    """Print the statistics of a product's spectra; the table has the main ones."""
    if form is not OutputFormat.TABLE:
        print_arrays(answer, form)
        return
    out.print(f"[bold]{answer.file_name}[/bold]  {answer.product_type}", highlight=False)
    shown = {c.name: c.read().tolist() for c in answer.columns if c.name in MAIN_STATISTICS}
    out.print(make_table(list(shown), zip(*shown.values(), strict=True)))
    out.print("Use --format json or csv for all statistics.", style="dim")


def write_arrays(answer: ArraysResult, path: Path) -> None:
    """Write the arrays of a product to a file, in the format of its suffix.

    Raises
    ------
    BadQueryError
        If the suffix is not that of a format, or the file cannot be written.
    """
    # Some formats of arrays cannot hold the text and the missing values of statistics.
    formats = FORMATS if answer.dispersion is None else ARRAY_FORMATS
    form = choose(formats, path.suffix.removeprefix(".") or None, None, None)
    pieces = form.write_arrays(answer)
    partial = path.with_name(f"{path.name}.part")
    try:
        file = partial.open("wb")
    except OSError as error:
        raise BadQueryError(f"--output: Cannot write {path}: {error.strerror}.") from error
    with file:
        file.writelines(pieces)
    partial.replace(path)
    out.print(f"written  {path}", highlight=False, markup=False, soft_wrap=True)


def _print_description(answer: ArraysResult) -> None:
    """Print a description of the arrays of a product, and the first pixels of 1-D ones."""
    out.print(
        f"[bold]{answer.file_name}[/bold]  {answer.product_type}  {answer.uri}", highlight=False
    )
    described = (
        (c.name, "x".join(map(str, c.shape)), c.dtype, c.unit or None, c.fits_ext, c.description)
        for c in answer.columns
    )
    out.print(make_table(("column", "shape", "type", "unit", "from", "description"), described))
    if all(len(column.shape) == 1 for column in answer.columns):
        values = {c.name: c.read()[:SHOWN_PIXELS].tolist() for c in answer.columns}
        names = list(values)[:8]
        out.print()
        out.print(make_table(names, zip(*(values[name] for name in names), strict=False)))
        out.print("Use --format json or csv for all pixels.", style="dim")


def _print_pixels(answer: ArraysResult) -> None:
    """Print a CSV row for each pixel, with its indices in images and cubes."""
    for piece in columnar.csv(pixel_table(answer)):
        write_bytes(piece)
