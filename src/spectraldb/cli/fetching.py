"""The command that fetches from the archive, and how it is followed."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from spectraldb.archive.download import Downloads
from spectraldb.archive.fetch import Fetch, Fetched, Follow
from spectraldb.archive.listing import Archive, Listed, Wanted, read_uris
from spectraldb.archive.plan import Plan, make_plan
from spectraldb.cancellation import Cancellation, cancel_on_interrupt
from spectraldb.cli.commands import LakeOption, app, example, opened
from spectraldb.cli.progress import print_summary
from spectraldb.cli.show import err, out
from spectraldb.schema.tables import PRODUCT_TYPES
from spectraldb.storage.objects import is_object

POLL_SECONDS = 0.2


@app.command(
    epilog=example(
        "spectraldb fetch --program 1128 --type x1d,s3d --dry-run",
        "spectraldb fetch --around 'NGC 7469' --radius 30arcsec",
        "spectraldb fetch mast:JWST/product/jw01128-o002_t016_nirspec_prism-clear_x1d.fits",
    )
)
def fetch(  # noqa: PLR0913, PLR0917 - each is an option
    products: Annotated[
        list[str] | None, typer.Argument(help="URIs or file names of the archive.")
    ] = None,
    program: Annotated[
        list[str] | None, typer.Option(help="Number of a programme; may be given several times.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Name of the target in the proposal; * is anything.")
    ] = None,
    around: Annotated[
        str | None, typer.Option(help="A position, or an object that SIMBAD or NED knows.")
    ] = None,
    radius: Annotated[str, typer.Option(help="How far around it.")] = "30arcsec",
    instrument: Annotated[str | None, typer.Option(help="Such as nirspec.")] = None,
    kinds: Annotated[str, typer.Option("--type", help="Types of products, by commas.")] = ",".join(
        sorted(PRODUCT_TYPES)
    ),
    folder: Annotated[
        Path | None, typer.Option(help="Where files go. \\[default: in the lake]")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=8, help="Files that come at the same time.")
    ] = 4,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell how many files and bytes, and fetch none.")
    ] = False,
    watch: Annotated[
        float | None, typer.Option(min=0.01, help="Look again after so many hours, until Ctrl-C.")
    ] = None,
    lake: LakeOption = None,
) -> None:
    """Fill the lake from the archive (MAST): what is new or was processed again.

    What is held is left alone; a file that was cut off goes on where it was. MAST_API_TOKEN is the
    token for what is not public yet. Exit status 1 says that files could not be had, 130 that it
    was stopped.
    """
    with cancel_on_interrupt() as cancel, opened(lake, create=True) as service:
        wanted = Wanted(
            uris=read_uris(products or []),
            programs=tuple(program or ()),
            target=target,
            place=around,
            radius=radius,
            instrument=instrument,
            product_types=frozenset(kind.strip().lower() for kind in kinds.split(",")),
        )
        wanted.check()
        token = os.environ.get("MAST_API_TOKEN", "")
        archive = Archive(service.settings.archive)
        # What a lake in a bucket gets is kept there: others who read it have no other place.
        copy = folder is None and is_object(service.settings.lake)
        here = service.settings.cache.expanduser() if copy else service.lake.folder
        files = folder or here / "fetched"
        downloads = Downloads(archive.address, files.absolute(), token)
        while True:
            plan = make_plan(archive.list(wanted), service.products(), token=bool(token))
            print_plan(plan)
            if dry_run:
                return
            with following_files(plan) as follow:
                fetch = Fetch(service, archive, downloads, workers, copy, follow, cancel)
                fetched = fetch.run(plan)
            print_fetched(fetched, service.due())
            if watch is None or fetched.stopped or not wait_for(watch, cancel):
                break
    if fetched.stopped:
        raise typer.Exit(130)
    if fetched.failed or fetched.summary.refused:
        raise typer.Exit(1)


def print_plan(plan: Plan) -> None:
    """Print what is to be fetched, by type, and what is not."""
    kinds = Counter(each.product_type for each in plan.fetch)
    told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    out.print(
        f"to fetch: {len(plan.fetch):,} files, {decimal(plan.size)}{f' ({told})' if told else ''}; "
        f"held already: {len(plan.held):,}",
        highlight=False,
    )
    unknown = sum(each.size is None for each in plan.fetch)
    if unknown:
        out.print(
            f"{unknown:,} of them are of unknown size: the archive does not list them",
            highlight=False,
        )
    if plan.exclusive:
        out.print(
            f"not public yet: {len(plan.exclusive):,}; set MAST_API_TOKEN to fetch what "
            "your token allows",
            highlight=False,
        )


@contextmanager
def following_files(plan: Plan) -> Iterator[Follow]:
    """Give what shows how much has come: a bar on a terminal, a line for each file elsewhere."""
    if not err.is_terminal:
        yield Follow(file=_line)
        return
    columns = (
        TextColumn("fetch"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[name]}"),
    )
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("", total=plan.size or None, name="")

        def file(listed: Listed, reason: str) -> None:
            progress.update(task, name=listed.file_name)
            if reason:
                progress.console.print(reason, style="red", highlight=False, markup=False)

        yield Follow(bytes=lambda n: progress.advance(task, n), file=file)


def _line(listed: Listed, reason: str) -> None:
    print(f"failed  {reason}" if reason else f"fetched  {listed.uri}", flush=True)  # noqa: T201


def print_fetched(fetched: Fetched, due: int) -> None:
    """Print what became of a plan."""
    if fetched.summary.outcomes:
        print_summary(fetched.summary, due)
    for old, new in fetched.renamed.items():
        out.print(f"renamed  {old} is {new} now", highlight=False, soft_wrap=True)
    if fetched.failed:
        out.print(
            f"failed: {len(fetched.failed):,}; the same command tries them again", highlight=False
        )
    if fetched.stopped:
        out.print("stopped: what has come is kept; the same command goes on from there")


def wait_for(hours: float, cancel: Cancellation) -> bool:
    """Wait, and return whether to go on: not if it was to stop meanwhile."""
    out.print(f"looking again in {hours:g} hours (stop with Ctrl-C)", highlight=False)
    ends = time.monotonic() + hours * 3600
    while time.monotonic() < ends:
        if cancel.requested():
            return False
        time.sleep(POLL_SECONDS)
    return True
