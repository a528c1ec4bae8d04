"""The output streams of the commands, and the output formats."""

import sys
from enum import StrEnum

from rich.console import Console

out = Console()
err = Console(stderr=True)


class OutputFormat(StrEnum):
    """Output format of a command; `auto` is a table on a terminal and JSON elsewhere."""

    AUTO = "auto"
    TABLE = "table"
    JSON = "json"
    CSV = "csv"

    def resolve(self) -> "OutputFormat":
        """Return the format, with `auto` replaced by the one that suits standard output."""
        if self is not OutputFormat.AUTO:
            return self
        return OutputFormat.TABLE if out.is_terminal else OutputFormat.JSON


def write_bytes(data: bytes) -> None:
    """Write bytes to standard output."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
