"""A search that runs when its answer is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from spectraldb.client.backend import Backend
from spectraldb.client.optional import need
from spectraldb.client.parameters import Pairs, parameters, without
from spectraldb.client.progress import Progress
from spectraldb.client.tables import astropy_table, settled
from spectraldb.schema.columns import UNIT_COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    from astropy.table import QTable, Table

PAGE_ROWS = 1000


@dataclass(frozen=True)
class Search:
    """A search for pixels, or for products; nothing is asked before its answer is.

    Iterating gives a dict for each row, page by page.
    """

    _backend: Backend
    parameters: Pairs
    """What is asked, as the API has it."""
    _path: str = "search"
    _progress: Progress = field(default_factory=lambda: Progress(shown=False))

    def where(self, query: str | None = None, /, **words: Any) -> "Search":
        """Return this search with further conditions; those that are said again are replaced."""
        more = parameters(query, words)
        kept = without(self.parameters, *(name for name, _ in more))
        return replace(self, parameters=kept + more)

    # The answer

    def count(self) -> int:
        """Return how many pixels match, of a search for products how many products.

        Raises
        ------
        spectraldb.errors.SpectralDBError
            As all that asks: see `SpectralDB`.
        """
        if self._path != "search":
            return len(self.to_arrow())
        # A count has no pages and no columns.
        asked = without(self.parameters, "limit", "after", "columns", "sort_by", "group")
        return int(self._backend.json("search/count", asked)["pixels"])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the whole answer in Arrow batches, whose fields have unit and description."""
        yield from self._reader()

    def to_arrow(self) -> pa.Table:
        """Return the whole answer as an Arrow table."""
        reader = self._reader()
        with self._progress.things("rows") as advance:
            batches = []
            for batch in reader:
                batches.append(batch)
                advance(len(batch))
        return pa.Table.from_batches(batches, reader.schema)

    def to_table(self) -> "Table":
        """Return the whole answer as an astropy Table."""
        from astropy.table import Table

        return astropy_table(self._with_units(), Table)

    def to_qtable(self) -> "QTable":
        """Return the whole answer as an astropy QTable: columns with units are quantities.

        Where the products found have fluxes in different units, `flux` has none, and the column
        `fluxUnit` says which each row has.
        """
        from astropy.table import QTable

        return astropy_table(self._with_units(), QTable)

    def to_pandas(self) -> "pd.DataFrame":
        """Return the whole answer as a pandas DataFrame; ``attrs["units"]`` has the units."""
        need("pandas")
        rows = self.to_arrow()
        frame = rows.to_pandas()
        frame.attrs["units"] = {
            field.name: field.metadata[b"unit"].decode()
            for field in rows.schema
            if b"unit" in (field.metadata or {})
        }
        return frame

    def to_polars(self) -> "pl.DataFrame":
        """Return the whole answer as a Polars DataFrame."""
        frame: pl.DataFrame = need("polars").from_arrow(self.to_arrow())
        return frame

    def products(self) -> "QTable":
        """Return the products that the pixels are in, with how many match and their ranges."""
        asked = [
            *without(self.parameters, "columns", "sort_by", "group", "limit"),
            ("group", "True"),
        ]
        return replace(self, parameters=asked).to_qtable()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the answer page by page, each a list of rows."""
        left = self._limit
        asked = without(self.parameters, "limit")
        while left is None or left > 0:
            size = PAGE_ROWS if left is None else min(left, PAGE_ROWS)
            page = self._backend.json(self._path, [*asked, ("limit", str(size))])
            yield page["results"]
            if not page["next"]:
                return
            left = left and left - len(page["results"])
            after = parse_qs(urlsplit(page["next"]).query)["after"][0]
            asked = [*without(asked, "after", "version"), ("after", after)]

    # What is asked

    @property
    def url(self) -> str:
        """The address of the answer's first page; of a lake on this machine without a host."""
        return self._backend.url(self._path, self.parameters)

    @property
    def sql(self) -> str:
        """The SQL that the search runs, in DuckDB's dialect."""
        if self._path == "search":
            return str(self._backend.json("search/sql", self.parameters)["query"])
        asked = [*without(self.parameters, "limit"), ("limit", "1")]
        return str(self._backend.json(self._path, asked)["query"])

    @property
    def _limit(self) -> int | None:
        given = dict(self.parameters).get("limit")
        return int(given) if given and given.isdigit() else None

    def _with_units(self) -> pa.Table:
        """Return the whole answer with what is needed to know the units of fluxes."""
        if self._path != "search" or dict(self.parameters).get("group"):
            return self.to_arrow()
        asked = [name for name in dict(self.parameters).get("columns", "").split(",") if name]
        columns = ",".join(dict.fromkeys([*asked, *UNIT_COLUMNS.values()]))
        told = replace(
            self, parameters=[*without(self.parameters, "columns"), ("columns", columns)]
        )
        return settled(told.to_arrow(), asked)

    def _reader(self) -> pa.RecordBatchReader:
        return self._backend.batches(self._path, self.parameters)

    def __repr__(self) -> str:
        return f"<Search {self.url}>"
