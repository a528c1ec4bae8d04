"""A lazy search: it runs when its results are requested."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from spectraldb.client.backend import Backend
from spectraldb.client.optional import import_optional
from spectraldb.client.parameters import Pairs, read_flag, request_parameters, without
from spectraldb.client.progress import Progress
from spectraldb.client.tables import astropy_table, with_flux_units
from spectraldb.errors import ExcludedProductsWarning
from spectraldb.schema.columns import UNIT_COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    from astropy.table import QTable, Table

PAGE_ROWS = 1000

IDENTIFIERS = ("uri", "spectrum")
"""The columns that identify the spectrum of a pixel; all results of pixels have them."""


_EXCLUDED = b"spectraldb.excluded"


def _warn(excluded: str) -> None:
    """Warn of products that units exclude, if there are any."""
    if excluded:
        warnings.warn(excluded, ExcludedProductsWarning, stacklevel=3)


@dataclass(frozen=True)
class Search:
    """A lazy search for pixels or products: it sends no request until you ask for results.

    Iterating yields one dict per row, and requests page by page.
    """

    _backend: Backend
    parameters: Pairs
    """The parameters of the API request."""
    _path: str = "search"
    _progress: Progress = field(default_factory=lambda: Progress(shown=False))

    def where(self, query: str | None = None, /, **conditions: Any) -> "Search":
        """Return this search with more conditions; a condition with the same name is replaced."""
        added = request_parameters(query, conditions)
        unchanged = without(self.parameters, *(name for name, _ in added))
        return replace(self, parameters=unchanged + added)

    def count(self) -> int:
        """Return the number of matching pixels, or of products in a search for products.

        Raises
        ------
        spectraldb.errors.SpectralDBError
            See `SpectralDB`.
        """
        if self._path != "search":
            return len(self.to_arrow())
        # A count accepts no parameters of pages and columns.
        request = without(self.parameters, "limit", "after", "columns", "sort_by", "group")
        count = self._backend.json("search/count", request)
        _warn(count.get("excluded", ""))
        return int(count["pixels"])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield all results as Arrow batches; metadata of the fields has units and descriptions."""
        yield from self._reader()

    def to_arrow(self) -> pa.Table:
        """Return all results as an Arrow table."""
        reader = self._reader()
        with self._progress.items("Rows") as advance:
            batches = []
            for batch in reader:
                batches.append(batch)
                advance(len(batch))
        return pa.Table.from_batches(batches, reader.schema)

    def to_table(self) -> "Table":
        """Return all results as an astropy Table."""
        from astropy.table import Table

        return astropy_table(self._with_flux_units(), Table)

    def to_qtable(self) -> "QTable":
        """Return all results as an astropy QTable, with quantities for columns with units.

        If fluxes have different units, `flux` has no unit, and the column `fluxUnit` has the unit
        of each row.
        """
        from astropy.table import QTable

        return astropy_table(self._with_flux_units(), QTable)

    def to_pandas(self) -> "pd.DataFrame":
        """Return all results as a pandas DataFrame; ``attrs["units"]`` has the units."""
        import_optional("pandas")
        rows = self.to_arrow()
        frame = rows.to_pandas()
        excluded = (rows.schema.metadata or {}).get(_EXCLUDED, b"").decode()
        if excluded:
            frame.attrs["excluded"] = excluded
        frame.attrs["units"] = {
            field.name: field.metadata[b"unit"].decode()
            for field in rows.schema
            if b"unit" in (field.metadata or {})
        }
        return frame

    def to_polars(self) -> "pl.DataFrame":
        """Return all results as a Polars DataFrame."""
        frame: pl.DataFrame = import_optional("polars").from_arrow(self.to_arrow())
        return frame

    def products(self) -> "QTable":
        """Return the products of the pixels, with the number and the ranges of their matches."""
        request = without(self.parameters, "columns", "sort_by", "group", "limit")
        return replace(self, parameters=[*request, ("group", "True")]).to_qtable()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Yield pages of results, each a list of rows."""
        remaining = self._limit
        request = without(self._request, "limit")
        excluded = ""
        while remaining is None or remaining > 0:
            size = PAGE_ROWS if remaining is None else min(remaining, PAGE_ROWS)
            page = self._backend.json(self._path, [*request, ("limit", str(size))])
            if excluded != page.get("excluded", ""):
                excluded = page["excluded"]
                _warn(excluded)
            yield page["results"]
            if not page["next"]:
                return
            remaining = remaining and remaining - len(page["results"])
            after = parse_qs(urlsplit(page["next"]).query)["after"][0]
            request = [*without(request, "after", "version"), ("after", after)]

    @property
    def url(self) -> str:
        """The URL of the first page of results; without a host if there is no server."""
        return self._backend.url(self._path, self._request)

    @property
    def sql(self) -> str:
        """The SQL of the search, in the dialect of DuckDB."""
        return str(self._description["query"])

    @property
    def message(self) -> str:
        """The number of results on the first page, and a hint if there are none.

        For example, ``wavelength=1.2`` compares for equality, and the hint has a range instead.
        """
        return str(self._backend.json(self._path, self._request)["message"])

    @property
    def excluded(self) -> str:
        """The products that the units of conditions exclude; empty if there are none.

        Results have this note in their metadata: ``meta["excluded"]`` of an astropy table,
        ``attrs["excluded"]`` of a DataFrame, and `spectraldb.excluded` in an Arrow schema.
        """
        return str(self._description.get("excluded", ""))

    @property
    def _description(self) -> dict[str, Any]:
        if self._path == "search":
            return self._backend.json("search/sql", self._request)
        request = [*without(self.parameters, "limit"), ("limit", "1")]
        return self._backend.json(self._path, request)

    @property
    def _limit(self) -> int | None:
        limit = dict(self.parameters).get("limit")
        return int(limit) if limit and limit.isdigit() else None

    @property
    def _request(self) -> Pairs:
        """The parameters with the columns that identify the spectrum of each pixel.

        Products can have the same file name, so it does not identify them.
        """
        if self._path != "search" or read_flag(dict(self.parameters).get("group")):
            return self.parameters
        requested = [n for n in dict(self.parameters).get("columns", "").split(",") if n]
        columns = ",".join(dict.fromkeys([*requested, *IDENTIFIERS]))
        return [*without(self.parameters, "columns"), ("columns", columns)]

    def _with_flux_units(self) -> pa.Table:
        """Return all results with the units of their fluxes, which come from extra columns."""
        if self._path != "search" or read_flag(dict(self.parameters).get("group")):
            return self.to_arrow()
        names = dict(self.parameters).get("columns", "").split(",")
        requested = [name for name in names if name]
        columns = ",".join(dict.fromkeys([*requested, *UNIT_COLUMNS.values()]))
        request = [*without(self.parameters, "columns"), ("columns", columns)]
        return with_flux_units(replace(self, parameters=request).to_arrow(), requested)

    def _reader(self) -> pa.RecordBatchReader:
        reader = self._backend.batches(self._path, self._request)
        _warn((reader.schema.metadata or {}).get(_EXCLUDED, b"").decode())
        return reader

    def __repr__(self) -> str:
        return f"<Search {self.url}>"
