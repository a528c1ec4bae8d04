"""Imports of Spectral DB for the frozen tests. When modules move, edit only this file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

import spectraldb.client
from spectraldb import errors
from spectraldb.api.app import create_app
from spectraldb.cli import app as command_line
from spectraldb.service.service import Service
from spectraldb.settings import Settings

__all__ = ["Settings", "client_classes", "command_line", "error_classes", "open_application"]


@contextmanager
def open_application(lake: Path) -> Iterator[FastAPI]:
    """Yield the HTTP application over an existing lake."""
    service = Service(Settings(lake=lake))
    try:
        yield create_app(service)
    finally:
        service.close()


def client_classes() -> dict[str, type[Any]]:
    """Return the public classes of the client by name."""
    return {name: getattr(spectraldb.client, name) for name in spectraldb.client.__all__}


def error_classes() -> dict[str, type[BaseException]]:
    """Return the errors of the client by name."""
    return {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.SpectralDBError)
    }
