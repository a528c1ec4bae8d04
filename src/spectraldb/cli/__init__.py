"""The command line."""

from spectraldb.cli.main import app

__all__ = ["app"]
