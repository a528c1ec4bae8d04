"""The pages of the documentation with the measurements."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.table import Table

DOCS = Path(__file__).resolve().parent.parent / "docs"


@dataclass(frozen=True)
class Page:
    """A page that is written by one run."""

    name: str
    top: str
    """Title and introduction."""

    @property
    def path(self) -> Path:
        """Path of the page."""
        return DOCS / self.name

    def write(self, machine: Sequence[str], tables: Sequence[Table]) -> None:
        """Write the page: the results, then every table with its method, then the machine."""
        results = "\n".join(table.summary() for table in tables)
        sections = "\n".join(table.markdown() for table in tables)
        facts = "\n".join(f"- {line}" for line in machine)
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(
            f"{self.top}\n{results}\n\n{sections}\n{_BOUNDS}\n## The machine\n\n{facts}\n"
        )


_BOUNDS = """## What the numbers do not say

All data are synthetic, and all programs of a comparison run on the same machine. On another machine
the times differ; measure there before you rely on them.
"""

PERFORMANCE = Page(
    "performance.md",
    """<!-- `make bench` writes this page: change bench/, not this text. -->

# Performance

This page is for readers who need to know whether retrieval and ingest are fast enough for them. It
compares Spectral DB with code that does the same with astropy and `json`, on synthetic products of
realistic sizes. For searches see [Performance of searches](performance-search.md). `make bench`
repeats the measurements on your machine and writes this page.
""",
)

SEARCH = Page(
    "performance-search.md",
    """<!-- `make bench-search` writes this page: change bench/, not this text. -->

# Performance of searches

This page is for readers who need to know whether searches of large lakes are fast enough for them.
It compares Spectral DB with databases that contain the same rows, of synthetic spectra. For
retrieval and ingest see [Performance](performance.md). `make bench-search` repeats the measurements
on your machine and writes this page; CONTRIBUTING.md says how to choose the sizes.
""",
)

ENGINES = Page(
    "performance-engines.md",
    """<!-- `make bench-engines` writes this page: change bench/, not this text. -->

# Performance of engines

This page is for readers who consider a cluster for their searches. It compares the embedded engine
(DuckDB) with clusters (Sail, Apache Spark) of the same size, all on one machine, with synthetic
spectra. [Beyond one machine](beyond.md) says when you need a cluster. `make bench-engines` repeats
the measurements on your machine and writes this page.
""",
)

LOAD = Page(
    "performance-load.md",
    """<!-- `make bench-load` writes this page: change bench/, not this text. -->

# Performance under load

This page is for readers who need to know how many clients one server can have. The load generator
shares the machine with the server, and the spectra are synthetic. To run more than one server, see
[Beyond one machine](beyond.md). `make bench-load` repeats the measurements on your machine and
writes this page.
""",
)
