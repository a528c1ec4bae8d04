"""The command line, run in this process."""

import os
from unittest.mock import patch

from typer.testing import CliRunner, Result

from tests.frozen.adapter import command_line


def run(*arguments: str) -> Result:
    """Return the output and the exit code of a command; re-raise its errors."""
    # Ignore the settings of the user who runs the tests.
    environment = {
        name: text for name, text in os.environ.items() if not name.startswith("SPECTRALDB_")
    }
    with patch.dict(os.environ, environment, clear=True):
        result = CliRunner().invoke(command_line, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
