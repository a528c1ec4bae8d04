"""The entry point of the client: `SpectralDB`."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

import pyarrow as pa

from spectraldb.client.backend import Backend
from spectraldb.client.bulk_retrieval import Retrieved, retrieve_many
from spectraldb.client.coordinates import read_positions
from spectraldb.client.optional import import_optional
from spectraldb.client.parameters import format_value, product_parameter, request_parameters
from spectraldb.client.product import ProductData
from spectraldb.client.progress import Progress
from spectraldb.client.search import Search
from spectraldb.client.tables import astropy_table

if TYPE_CHECKING:
    from astropy.table import QTable, Table
    from matplotlib.figure import Figure

POSITIONS_PER_REQUEST = 20_000
"""The number of positions of one request of a match."""


class SpectralDB:
    """A lake of spectra: of a server, or read in this process from a folder or a bucket.

    Every method sends its request when it is called, except `search` and `search_products`. All
    errors are those of `spectraldb.errors`: `BadQueryError` (the request is not understood),
    `NotHeldError` (there is no such product), `FileGoneError` and `FileChangedError` (its file),
    `LimitError` (too much was requested), `LakeError` and `NoAnswerError` (the server or the lake
    cannot answer now). Their messages are the server's, and say what to do.

    Threads may share it.

    Parameters
    ----------
    place
        The address of a server (``http://host:8000``), or the place of a lake (a folder, or
        ``s3://bucket/folder``); by default the one that the commands use: `SPECTRALDB_LAKE`, or
        the one in the user's data folder.
    timeout
        Seconds to wait for the start of a server's answer, and for each further part.
    retries
        How often to retry when a server cannot be reached or fails.
    progress
        Whether to show progress; by default on a terminal and in a notebook.
    """

    def __init__(
        self,
        place: str | Path | None = None,
        *,
        timeout: float = 300.0,
        retries: int = 4,
        progress: bool | None = None,
    ) -> None:
        self._progress = Progress(progress)
        self._backend: Backend
        if str(place).startswith(("http://", "https://")):
            from spectraldb.client.remote import RemoteBackend

            self._backend = RemoteBackend(
                str(place), timeout=timeout, retries=retries, progress=self._progress
            )
        else:
            import_optional("duckdb", "server")
            from spectraldb.client.local import LocalBackend

            self._backend = LocalBackend(place)

    def search(self, query: str | None = None, /, **conditions: Any) -> Search:
        """Return a search for pixels, which runs when its results are requested.

        Parameters
        ----------
        query
            Conditions as in the URL: ``"wavelength=1.2,1.3&flux.gte=10"``.
        **conditions
            Conditions by column, with two underscores before an operator, as in
            ``wavelength=(1.2, 1.3) * u.um, flux__gte=3 * u.mJy``; ``position=SkyCoord(...)`` with
            ``radius=5 * u.arcsec``; `product`, `columns`, `sort_by`, `limit`, `version`. All
            columns and operators are in the documentation of searching.
        """
        return self._search("search", query, conditions)

    def search_products(self, query: str | None = None, /, **conditions: Any) -> Search:
        """Return a search for products by their own columns and those of their spectra.

        Conditions are written as in `search`.
        """
        return self._search("search/products", query, conditions)

    def _search(self, path: str, query: str | None, conditions: dict[str, Any]) -> Search:
        pairs = request_parameters(query, conditions)
        return Search(self._backend, pairs, path, self._progress)

    def columns(self) -> "Table":
        """Return all columns that a search can name: units, descriptions, operators."""
        from astropy.table import Table

        columns = self._backend.json("search/columns", [])["columns"]
        names = ("name", "table", "dtype", "units", "description", "example")
        rows = [[column[name] or "" for name in names] for column in columns]
        table = Table(rows=rows, names=names)
        table["operators"] = [", ".join(column["operators"]) for column in columns]
        return table

    @property
    def holdings(self) -> dict[str, Any]:
        """The numbers of products, spectra and pixels, in total and of each product type."""
        return self._backend.json("holdings", [])

    @overload
    def retrieve(self, name: str, /, **cutout: Any) -> ProductData: ...
    @overload
    def retrieve(self, name: Iterable[str], /, **cutout: Any) -> Retrieved: ...
    def retrieve(self, name: str | Iterable[str], /, **cutout: Any) -> ProductData | Retrieved:
        """Return a product, or several, or a part of each.

        Parameters
        ----------
        name
            URI or file name; for several names there is an answer for each, in their order.
        **cutout
            The part: `wavelength`, `x`, `y`, `z`, `spectrum`, `position` and `radius`, `columns`,
            `bin`, `statistic`, as the API has them, with units.

        Raises
        ------
        spectraldb.errors.NotHeldError
            If there is no such product; for several names the answer lists the missing ones.
        """
        part = request_parameters(None, cutout)

        def retrieve_one(each: str) -> ProductData:
            request = [product_parameter(each), *part]
            return ProductData(self._backend, request, self._backend.arrays(request))

        if isinstance(name, str):
            return retrieve_one(name)
        return retrieve_many([str(each) for each in name], retrieve_one, self._progress)

    def derived(self, name: str) -> "QTable":
        """Return the derived statistics of a product's spectra, a row for each."""
        from astropy.table import QTable

        reader = self._backend.batches("retrieve/derived", [product_parameter(name)])
        return astropy_table(reader.read_all(), QTable)

    def plot(
        self, name: str, /, *, number: int | None = None, what: str = "flux", **cutout: Any
    ) -> "Figure":
        """Return a figure of a product, or of a part of it; see `ProductData.plot`."""
        return self.retrieve(name, **cutout).plot(number, what=what)

    def match(
        self,
        table: Any,
        radius: Any,
        *,
        product: str | Iterable[str] = "all",
        spectra: bool = False,
        ra: str | None = None,
        dec: str | None = None,
    ) -> "QTable":
        """Return the products or spectra around each of many positions.

        Parameters
        ----------
        table
            The positions: a SkyCoord, or a table (astropy, pandas) with a SkyCoord or with
            columns `ra` and `dec`, in degrees if they have no unit.
        radius
            The largest distance of a spectrum from a position, such as ``1 * u.arcsec``.
        product
            Types of products.
        spectra
            Whether to return a row for each spectrum, instead of one for each product with the
            nearest of its spectra.
        ra, dec
            The names of the columns, if they are others.

        Returns
        -------
        astropy.table.QTable
            In the order of the table, nearest first; `row` is the index in it. Rows of the table
            without a match are not in it.
        """
        from astropy.table import QTable

        lon, lat = read_positions(table, ra, dec)
        options = {
            "product": format_value("product", product),
            "spectra": spectra,
            "radius": format_value("radius", radius),
        }
        parts = []
        with self._progress.items("positions", len(lon)) as advance:
            for start in range(0, max(1, len(lon)), POSITIONS_PER_REQUEST):
                part = slice(start, start + POSITIONS_PER_REQUEST)
                reader = self._backend.match({"ra": lon[part], "dec": lat[part], **options})
                parts.append(_add_to_rows(reader.read_all(), start))
                advance(len(lon[part]))
        return astropy_table(pa.concat_tables(parts), QTable)

    def close(self) -> None:
        """Close the connections, or the lake."""
        self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SpectralDB({self._backend!r})"


def _add_to_rows(matches: pa.Table, start: int) -> pa.Table:
    """Return the matches of a part of the positions, with `row` counted among all of them."""
    if not start:
        return matches
    import pyarrow.compute as pc

    index = matches.schema.get_field_index("row")
    return matches.set_column(index, matches.schema.field("row"), pc.add(matches["row"], start))
