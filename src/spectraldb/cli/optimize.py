"""The command `optimize`, which makes searches of a lake fast."""

from typing import Annotated

import typer

from spectraldb.cancellation import cancel_on_interrupt
from spectraldb.cli.open_service import open_service
from spectraldb.cli.options import LakeOption, default, example
from spectraldb.cli.progress import optimize_progress
from spectraldb.cli.summaries import print_optimize_summary
from spectraldb.lake.lake import GRACE_SECONDS

app = typer.Typer()


@app.command(epilog=example("spectraldb optimize"))
def optimize(
    keep_days: Annotated[
        float | None,
        typer.Option(
            min=0,
            help=f"Days to keep older versions of the lake. \\[default: {default('keep_days')}]",
        ),
    ] = None,
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once", help="Delete replaced files immediately. No search may be running."
        ),
    ] = False,
    by_wavelength: Annotated[
        bool,
        typer.Option(
            "--by-wavelength",
            help="Also write copies of the pixels sorted by wavelength, for searches on a cluster.",
        ),
    ] = False,
    lake: LakeOption = None,
) -> None:
    """Make searches faster: merge files of the lake, and write the copies that searches read.

    The FITS files are not changed. Searches and ingests can run at the same time.

    Exit status: 130 if interrupted.
    """
    grace = 0.0 if at_once else GRACE_SECONDS
    with cancel_on_interrupt() as cancel, open_service(lake) as service:
        with optimize_progress() as report:
            done = service.optimize(
                keep_days=keep_days,
                grace=grace,
                by_wavelength=by_wavelength,
                report=report,
                cancel=cancel,
            )
        print_optimize_summary(done, at_once=at_once)
    if done.stopped:
        raise typer.Exit(130)
