"""The page of the documentation that holds the figures."""

from collections.abc import Sequence
from pathlib import Path

from bench.table import Table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"

_TOP = """<!-- `make bench` writes this page: change bench/, not this text. -->

# Performance

How fast Spectral DB is, and against what one would write without it, with astropy and `json`.
Nothing here is a promise: `make bench` measures it anew on your machine, with synthetic data of
the size of real products, and writes this page.
"""


def write_page(machine: Sequence[str], tables: Sequence[Table]) -> Path:
    """Write the page and return its path."""
    facts = "\n".join(f"- {line}" for line in machine)
    sections = "\n".join(table.markdown() for table in tables)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(f"{_TOP}\n## The machine\n\n{facts}\n\n{sections}")
    return PAGE
