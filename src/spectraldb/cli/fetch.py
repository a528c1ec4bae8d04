"""The command `fetch`, which downloads products from the archive and ingests them."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from spectraldb.archive.download import Downloader
from spectraldb.archive.fetch import Fetcher, FetchResult
from spectraldb.archive.mast import Archive
from spectraldb.archive.query import ArchiveQuery, parse_uris
from spectraldb.cancellation import Cancellation, cancel_on_interrupt
from spectraldb.cli.console import out
from spectraldb.cli.open_service import open_service
from spectraldb.cli.options import LakeOption, example
from spectraldb.cli.progress import fetch_progress
from spectraldb.cli.summaries import print_fetch_summary, print_plan
from spectraldb.schema.tables import PRODUCT_TYPES
from spectraldb.service.service import Service
from spectraldb.storage.objects import is_object

ALL_TYPES = ",".join(sorted(PRODUCT_TYPES))

POLL_SECONDS = 0.2
"""Interval at which a wait checks for Ctrl-C."""

app = typer.Typer()

ProductsArgument = Annotated[
    list[str] | None, typer.Argument(help="URIs or file names in the archive.")
]
ProgramOption = Annotated[
    list[str] | None, typer.Option(help="Program number. Repeat it for several programs.")
]
TargetOption = Annotated[
    str | None, typer.Option(help="Name of the target in the proposal. * matches any text.")
]
AroundOption = Annotated[
    str | None, typer.Option(help="Position, or name of an object in SIMBAD or NED.")
]
RadiusOption = Annotated[str, typer.Option(help="Radius around that position.")]
InstrumentOption = Annotated[str | None, typer.Option(help="Instrument, such as nirspec.")]
TypeOption = Annotated[str, typer.Option("--type", help="Product types, separated by commas.")]
FolderOption = Annotated[
    Path | None, typer.Option(help="Folder for the files. \\[default: in the lake]")
]
WorkersOption = Annotated[int, typer.Option(min=1, max=8, help="Number of simultaneous downloads.")]
DryRunOption = Annotated[
    bool,
    typer.Option("--dry-run", help="Print the number of files and bytes without downloading them."),
]
WatchOption = Annotated[
    float | None, typer.Option(min=0.01, help="Repeat after this number of hours, until Ctrl-C.")
]


@app.command(
    epilog=example(
        "spectraldb fetch --program 1128 --type x1d,s3d --dry-run",
        "spectraldb fetch --around 'NGC 7469' --radius 30arcsec",
        "spectraldb fetch mast:JWST/product/jw01128-o002_t016_nirspec_prism-clear_x1d.fits",
    )
)
def fetch(  # noqa: PLR0913, PLR0917 - each is an option
    products: ProductsArgument = None,
    program: ProgramOption = None,
    target: TargetOption = None,
    around: AroundOption = None,
    radius: RadiusOption = "30arcsec",
    instrument: InstrumentOption = None,
    types: TypeOption = ALL_TYPES,
    folder: FolderOption = None,
    workers: WorkersOption = 4,
    dry_run: DryRunOption = False,
    watch: WatchOption = None,
    lake: LakeOption = None,
) -> None:
    """Download new and reprocessed products from the archive (MAST), and ingest them.

    Skips products that are in the lake, and resumes interrupted downloads.

    To download products that are not yet public, set MAST_API_TOKEN.

    Exit status: 1 if files failed, 130 if interrupted.
    """
    with cancel_on_interrupt() as cancel, open_service(lake, create=True) as service:
        query = ArchiveQuery(
            uris=parse_uris(products or []),
            programs=tuple(program or ()),
            target=target,
            position=around,
            radius=radius,
            instrument=instrument,
            product_types=frozenset(name.strip().lower() for name in types.split(",")),
        )
        query.check()
        fetcher = _open_fetcher(service, folder, workers, cancel)
        result = _fetch_repeatedly(fetcher, query, dry_run=dry_run, watch_hours=watch)
    if result.stopped:
        raise typer.Exit(130)
    if result.failed or result.summary.refused:
        raise typer.Exit(1)


def _open_fetcher(
    service: Service, folder: Path | None, workers: int, cancel: Cancellation
) -> Fetcher:
    """Return a fetcher that downloads into a folder, from the archive in the settings."""
    archive = Archive(service.settings.archive)
    # A lake in a bucket stores copies of the files: its other readers cannot reach a folder here.
    copy = folder is None and is_object(service.settings.lake)
    parent = service.settings.cache.expanduser() if copy else service.lake.folder
    files = (folder or parent / "fetched").absolute()
    downloader = Downloader(archive.address, files, os.environ.get("MAST_API_TOKEN", ""))
    return Fetcher(service, archive, downloader, workers, copy, cancel)


def _fetch_repeatedly(
    fetcher: Fetcher, query: ArchiveQuery, *, dry_run: bool, watch_hours: float | None
) -> FetchResult:
    """Fetch once, or repeatedly until Ctrl-C, and return the last result."""
    while True:
        plan = fetcher.plan(query)
        print_plan(plan)
        if dry_run:
            return FetchResult()
        with fetch_progress(plan) as callbacks:
            result = fetcher.run(plan, callbacks)
        print_fetch_summary(result, fetcher.service.pending_optimization())
        if watch_hours is None or result.stopped or not wait_for(watch_hours, fetcher.cancel):
            return result


def wait_for(hours: float, cancel: Cancellation) -> bool:
    """Wait, and return False if the command was interrupted."""
    out.print(f"Next check in {hours:g} h. Press Ctrl-C to stop.", highlight=False)
    ends = time.monotonic() + hours * 3600
    while time.monotonic() < ends:
        if cancel.requested():
            return False
        time.sleep(POLL_SECONDS)
    return True
