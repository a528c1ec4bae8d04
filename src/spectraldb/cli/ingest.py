"""The commands `ingest` and `remove`, which change the contents of the lake."""

from typing import Annotated

import typer

from spectraldb.cancellation import cancel_on_interrupt
from spectraldb.cli.console import out
from spectraldb.cli.open_service import open_service
from spectraldb.cli.options import LakeOption, example
from spectraldb.cli.progress import ingest_progress
from spectraldb.cli.summaries import print_ingest_summary
from spectraldb.products.layouts.registry import layouts

app = typer.Typer()


@app.command(epilog=example("spectraldb ingest ~/jwst 'downloads/*_x1d.fits'"))
def ingest(
    paths: Annotated[
        list[str],
        typer.Argument(help="Files, folders (with subfolders), globs or s3:// addresses."),
    ],
    copy: Annotated[
        bool, typer.Option("--copy", help="Store a copy of each file in the lake.")
    ] = False,
    layout: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=f"Layout of the files: {', '.join(layouts())}. \\[default: find it]",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Number of reader processes. \\[default: one per core]"),
    ] = None,
    lake: LakeOption = None,
) -> None:
    """Add FITS files to the lake.

    Files stay where they are. Unchanged files are skipped.

    Exit status: 1 if files were refused or none was found, 130 if interrupted.
    """
    with (
        cancel_on_interrupt() as cancel,
        open_service(lake, create=True, workers=workers) as service,
    ):
        files = service.files(paths)
        with ingest_progress(len(files)) as report:
            summary = service.ingest(files, copy=copy, layout=layout, report=report, cancel=cancel)
        print_ingest_summary(summary, service.pending_optimization())
    if summary.stopped:
        raise typer.Exit(130)
    if summary.refused or not summary.outcomes:
        raise typer.Exit(1)


@app.command(
    epilog=example(
        "spectraldb remove mast:JWST/product/jw01128-o002_t016_nirspec_prism-clear_x1d.fits"
    )
)
def remove(
    products: Annotated[list[str], typer.Argument(help="URIs or file names.")],
    lake: LakeOption = None,
) -> None:
    """Remove products from the lake. The FITS files are not deleted."""
    with open_service(lake) as service:
        for uri in service.remove(products):
            out.print(f"removed  {uri}", highlight=False, soft_wrap=True)
