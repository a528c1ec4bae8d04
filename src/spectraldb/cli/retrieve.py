"""The command `retrieve`, which prints or writes the arrays of a product."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from spectraldb.cli.arrays import print_arrays, print_derived, write_arrays
from spectraldb.cli.console import OutputFormat
from spectraldb.cli.open_service import open_service
from spectraldb.cli.options import FormatOption, LakeOption, example
from spectraldb.cli.parameters import CUT_OUT, request_pairs
from spectraldb.cutouts.request import Cutout
from spectraldb.errors import BadQueryError
from spectraldb.formats.registry import ARRAY_FORMATS
from spectraldb.query.retrieval import parse_retrieval
from spectraldb.results import ArraysResult

app = typer.Typer()

PartArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Cut-out, such as spectrum=0, wavelength=5.1,5.2, x=3,8 or bin=x,y."),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(help=f"Write a file. Its suffix sets the format: {', '.join(ARRAY_FORMATS)}."),
]


@app.command(
    epilog=example(
        "spectraldb retrieve jw01128-o002_t016_nirspec_prism-clear_x1d.fits --format csv",
        "spectraldb retrieve Level3_ch1-short_s3d.fits bin=x,y --output mean.fits",
    )
)
def retrieve(
    product: Annotated[str, typer.Argument(help="URI or file name.")],
    part: PartArgument = None,
    derived: Annotated[
        bool, typer.Option("--derived", help="Statistics of the spectra instead of the arrays.")
    ] = False,
    output: OutputOption = None,
    form: FormatOption = OutputFormat.AUTO,
    lake: LakeOption = None,
) -> None:
    """Print all pixel arrays of a product, or a cut-out of them."""
    pairs = [("uri" if ":" in product else "filename", product)]
    with open_service(lake) as service:
        request = parse_retrieval(pairs + request_pairs(part, CUT_OUT))
        if derived:
            _check_derived(request.cutout)
            answer = service.derived(request.uri, request.file_name, request.cutout.spectrum)
            _print_or_write(answer, print_derived, form, output)
            return
        with service.retrieve(request.uri, request.file_name, request.cutout) as retrieved:
            _print_or_write(retrieved.answer, print_arrays, form, output)


def _check_derived(cutout: Cutout) -> None:
    if cutout != Cutout(spectrum=cutout.spectrum):
        raise BadQueryError("--derived: Statistics are those of whole spectra. Remove the cut-out.")


def _print_or_write(
    answer: ArraysResult,
    show: Callable[[ArraysResult, OutputFormat], None],
    form: OutputFormat,
    output: Path | None,
) -> None:
    if output is None:
        show(answer, form.resolve())
        return
    if form is not OutputFormat.AUTO:
        raise BadQueryError("--output: The suffix of the file sets the format. Remove --format.")
    write_arrays(answer, output)
