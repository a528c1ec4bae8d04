"""The pages of the documentation that hold the figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.table import Table

DOCS = Path(__file__).resolve().parent.parent / "docs"


@dataclass(frozen=True)
class Page:
    """A page that one run writes whole."""

    name: str
    top: str
    """What it begins with."""

    @property
    def path(self) -> Path:
        """Where it is."""
        return DOCS / self.name

    def write(self, machine: Sequence[str], tables: Sequence[Table]) -> None:
        """Write it."""
        facts = "\n".join(f"- {line}" for line in machine)
        sections = "\n".join(table.markdown() for table in tables)
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(f"{self.top}\n## The machine\n\n{facts}\n\n{sections}")


PERFORMANCE = Page(
    "performance.md",
    """<!-- `make bench` writes this page: change bench/, not this text. -->

# Performance

How fast Spectral DB is, and against what one would write without it, with astropy and `json`.
Nothing here is a promise: `make bench` measures it anew on your machine, with synthetic data of
the size of real products, and writes this page. Searches in large lakes have
[a page of their own](performance-search.md).
""",
)

SEARCH = Page(
    "performance-search.md",
    """<!-- `make bench-search` writes this page: change bench/, not this text. -->

# Performance of searches

How fast searches in large lakes are, against databases that hold the same rows. Nothing here is a
promise: `make bench-search` measures it anew, with made-up spectra, and writes this page.
CONTRIBUTING.md tells how to choose the sizes; retrieval and ingest are in
[Performance](performance.md).
""",
)

ENGINES = Page(
    "performance-engines.md",
    """<!-- `make bench-engines` writes this page: change bench/, not this text. -->

# Performance of engines

How fast the same searches are on the embedded engine and on a cluster, all on this one machine:
what a cluster costs where it is not needed. Nothing here is a promise: `make bench-engines`
measures it anew, with made-up spectra, and writes this page. [Beyond one machine](beyond.md) tells
when a cluster is needed.
""",
)

LOAD = Page(
    "performance-load.md",
    """<!-- `make bench-load` writes this page: change bench/, not this text. -->

# Performance under load

What many clients at once get of one server, which they share a machine with. Nothing here is a
promise: `make bench-load` measures it anew, with made-up spectra, and writes this page. How to run
more than one server is in [Beyond one machine](beyond.md).
""",
)
