"""Opening of the lake for a command; an error ends the command with a message."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from pydantic import ValidationError

from spectraldb.cli.console import err
from spectraldb.errors import SpectralDBError
from spectraldb.service.service import Service
from spectraldb.settings import Settings


@contextmanager
def open_service(lake: str | None, *, create: bool = False, **settings: Any) -> Iterator[Service]:  # noqa: ANN401 - each setting has its own type
    """Open the lake, and close it after the command.

    Parameters
    ----------
    lake
        Location of the lake; None for that of the settings.
    create
        Whether to create the lake if there is none.
    **settings
        Settings that options override; None does not change the setting.

    Raises
    ------
    typer.Exit
        With exit status 2, after printing the message, if the command fails or a setting is
        invalid.
    """
    overrides = {"lake": lake, **settings}
    service = None
    try:
        service = Service(
            Settings(**{name: value for name, value in overrides.items() if value is not None}),
            create=create,
        )
        yield service
    except ValidationError as error:
        reasons = "; ".join(f"{p['loc'][0]}: {p['msg']}" for p in error.errors())
        err.print(
            f"error: Invalid settings (options or SPECTRALDB_...): {reasons}",
            style="red",
            markup=False,
        )
        raise typer.Exit(2) from error
    except (SpectralDBError, ValueError) as error:
        err.print(f"error: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    finally:
        if service is not None:
            service.close()
