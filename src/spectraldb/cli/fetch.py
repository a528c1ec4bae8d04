"""The command that fills the lake from the archive: fetch."""

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
"""How often a wait looks whether Ctrl-C was pressed."""

app = typer.Typer()

ProductsArgument = Annotated[
    list[str] | None, typer.Argument(help="URIs or file names of the archive.")
]
ProgramOption = Annotated[
    list[str] | None, typer.Option(help="Number of a programme; may be given several times.")
]
TargetOption = Annotated[
    str | None, typer.Option(help="Name of the target in the proposal; * is anything.")
]
AroundOption = Annotated[
    str | None, typer.Option(help="A position, or an object that SIMBAD or NED knows.")
]
RadiusOption = Annotated[str, typer.Option(help="How far around it.")]
InstrumentOption = Annotated[str | None, typer.Option(help="Such as nirspec.")]
TypeOption = Annotated[str, typer.Option("--type", help="Types of products, by commas.")]
FolderOption = Annotated[Path | None, typer.Option(help="Where files go. \\[default: in the lake]")]
WorkersOption = Annotated[int, typer.Option(min=1, max=8, help="Files that come at the same time.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Tell how many files and bytes, and fetch none.")
]
WatchOption = Annotated[
    float | None, typer.Option(min=0.01, help="Look again after so many hours, until Ctrl-C.")
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
    """Fill the lake from the archive (MAST): what is new or was processed again.

    What is held is left alone; a file that was cut off goes on where it was. MAST_API_TOKEN is the
    token for what is not public yet. Exit status 1 says that files could not be had, 130 that it
    was stopped.
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
    """Return what downloads from the archive of the settings into a folder."""
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
    """Fetch once, or every so many hours until Ctrl-C, and return the last result."""
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
    """Wait, and return whether to continue: False if the command was interrupted meanwhile."""
    out.print(f"looking again in {hours:g} hours (stop with Ctrl-C)", highlight=False)
    ends = time.monotonic() + hours * 3600
    while time.monotonic() < ends:
        if cancel.requested():
            return False
        time.sleep(POLL_SECONDS)
    return True
