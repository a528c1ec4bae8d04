"""The command line."""

# Whoever defines a command adds it to the application.
from spectraldb.cli import fetching
from spectraldb.cli.commands import app

__all__ = ["app", "fetching"]
