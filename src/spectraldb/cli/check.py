"""The command `check`, which finds files that vanished or changed."""

from dataclasses import asdict

import typer

from spectraldb.cancellation import cancel_on_interrupt
from spectraldb.cli.console import OutputFormat, err
from spectraldb.cli.open_service import open_service
from spectraldb.cli.options import FormatOption, LakeOption, example
from spectraldb.cli.progress import check_progress
from spectraldb.cli.summaries import INTERRUPTED
from spectraldb.cli.tables import print_rows
from spectraldb.counted import counted

app = typer.Typer()

COLUMNS = ("state", "uri", "location")


@app.command(epilog=example("spectraldb check"))
def check(form: FormatOption = OutputFormat.AUTO, lake: LakeOption = None) -> None:
    """Find products whose FITS file has vanished, has changed or cannot be read.

    Ingest the files again to correct the lake, or remove the products.

    Exit status: 1 if there are any, 130 if interrupted.
    """
    with cancel_on_interrupt() as cancel, open_service(lake) as service:
        total = len(service.products())
        with check_progress(total) as report:
            found = service.check(report, cancel)
    if found or form.resolve() is not OutputFormat.TABLE:
        print_rows([asdict(each) for each in found], COLUMNS, form.resolve())
    if cancel.requested():
        err.print(INTERRUPTED)
        raise typer.Exit(130)
    err.print(f"{counted(total, 'file')} checked, {len(found):,} with a problem.", highlight=False)
    if found:
        raise typer.Exit(1)
