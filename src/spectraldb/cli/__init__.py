"""The command line."""

from spectraldb.cli.commands import app

__all__ = ["app"]
