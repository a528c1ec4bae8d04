"""The command line, run in this process."""

from pathlib import Path

from typer.testing import CliRunner, Result

from spectraldb.cli import app


def run(lake: Path, *arguments: str, columns: int = 200) -> Result:
    """Return the result of a command on a lake, with a terminal of this width."""
    environment = {"SPECTRALDB_LAKE": str(lake), "COLUMNS": str(columns)}
    return CliRunner().invoke(app, arguments, env=environment)
