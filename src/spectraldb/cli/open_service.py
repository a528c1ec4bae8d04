"""Opening of the lake for a command; an error ends the command with a message."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from pydantic import ValidationError

from spectraldb.cli.console import err
from spectraldb.cli.invalid_settings import invalid_settings, unknown_settings
from spectraldb.errors import SpectralDBError
from spectraldb.service.service import Service
from spectraldb.settings import Settings

ERROR: dict[str, Any] = {"style": "red", "highlight": False, "markup": False, "soft_wrap": True}
"""How the message of an error is printed."""


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
    for message in unknown_settings():
        err.print(f"warning: {message}", style="yellow", highlight=False, soft_wrap=True)
    overrides = {"lake": lake, **settings}
    service = None
    try:
        service = Service(
            Settings(**{name: value for name, value in overrides.items() if value is not None}),
            create=create,
        )
        yield service
    except ValidationError as error:
        given = [name for name, value in settings.items() if value is not None]
        for message in invalid_settings(error, given):
            err.print(f"error: {message}", **ERROR)
        raise typer.Exit(2) from error
    except (SpectralDBError, ValueError) as error:
        err.print(f"error: {error}", **ERROR)
        raise typer.Exit(2) from error
    finally:
        if service is not None:
            service.close()
