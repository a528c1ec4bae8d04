"""The streams that commands print to, and the formats of what they print."""

import sys
from enum import StrEnum

from rich.console import Console

out = Console()
err = Console(stderr=True)


class OutputFormat(StrEnum):
    """What a command prints; `auto` is a table on a terminal and JSON elsewhere."""

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
