"""The command `sample`, which writes synthetic products."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from spectraldb.cli.console import err
from spectraldb.cli.options import LakeOption, example
from spectraldb.settings import Settings
from spectraldb.storage.objects import is_object

app = typer.Typer()


@app.command(epilog=example("spectraldb sample samples && spectraldb ingest samples"))
def sample(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder to write to. \\[default: in the folder of the lake, or here]"),
    ] = None,
    lake: LakeOption = None,
) -> None:
    """Write a small set of synthetic products, one of each kind, to experiment with."""
    from spectraldb.sample import write_samples  # noqa: PLC0415 - other commands do not need it

    try:
        target = folder or _lake_folder(lake) / "samples"
        paths = write_samples(target, lambda path: print(path, flush=True))  # noqa: T201 - output
    except (OSError, ValidationError) as error:
        err.print(f"error: The samples cannot be written: {error}", style="red", markup=False)
        raise typer.Exit(2) from error
    print(f"{len(paths)} synthetic products written. Ingest them with: spectraldb ingest {target}")  # noqa: T201 - output


def _lake_folder(lake: str | None) -> Path:
    """Return the folder of the lake; the working directory for a lake in a bucket."""
    location = lake or Settings().lake
    return Path() if is_object(location) else Path(location).expanduser()
