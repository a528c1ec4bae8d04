"""The entry point of the client: `SpectralDB`."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

import pyarrow as pa

from spectraldb.client.backend import Backend
from spectraldb.client.bulk_retrieval import Retrieved, retrieve_many
from spectraldb.client.coordinates import read_positions
from spectraldb.client.optional import import_optional
from spectraldb.client.parameters import (
    format_value,
    product_names,
    product_parameter,
    request_parameters,
    single_name,
)
from spectraldb.client.product import ProductData
from spectraldb.client.progress import Progress
from spectraldb.client.search import Search
from spectraldb.client.tables import astropy_table

if TYPE_CHECKING:
    from astropy.table import QTable, Table
    from matplotlib.figure import Figure

POSITIONS_PER_REQUEST = 20_000
"""Number of positions per request of a match."""


class SpectralDB:
    """A lake of spectra, on a server or read in this process from a folder or a bucket.

    Methods send their requests immediately, except `search` and `search_products`, which are lazy.
    They raise the errors of `spectraldb.errors`, with the messages of the server: `BadQueryError`
    for an invalid request, `NotHeldError` for an unknown product, `FileGoneError` and
    `FileChangedError` for a file that was deleted or changed after ingestion, `LimitError` for a
    request that needs too much time or memory, and `LakeError` and `NoAnswerError` if the lake or
    the server is not available.

    Thread-safe. Use it as a context manager, or call `close` when you are done.

    Parameters
    ----------
    place
        URL of a server (``http://host:8000``), or location of a lake (a folder or
        ``s3://bucket/folder``). The default is the lake of the commands: `SPECTRALDB_LAKE`, or
        the lake in the user's data folder.
    timeout
        Seconds to wait for the start of a response of a server, and for each further part.
    retries
        Maximum number of retries if a server cannot be reached or fails.
    progress
        Whether to show progress bars; by default, on a terminal and in a notebook.
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
        """Return a search for pixels, which runs when you request its results.

        Parameters
        ----------
        query
            Conditions as in a URL, such as ``"wavelength=1.2,1.3&flux.gte=10"``, or a whole URL.
        **conditions
            Conditions by column, with two underscores before an operator, such as
            ``wavelength=(1.2, 1.3) * u.um, flux__gte=3 * u.mJy``. A cone is
            ``position=SkyCoord(...), radius=5 * u.arcsec``. Other parameters are `product`,
            `columns`, `sort_by`, `limit` and `version`. `columns` lists all columns and their
            operators.
        """
        return self._search("search", query, conditions)

    def search_products(self, query: str | None = None, /, **conditions: Any) -> Search:
        """Return a search for products by columns of the product and of its spectra.

        Conditions are the same as in `search`.
        """
        return self._search("search/products", query, conditions)

    def _search(self, path: str, query: str | None, conditions: dict[str, Any]) -> Search:
        pairs = request_parameters(query, conditions)
        return Search(self._backend, pairs, path, self._progress)

    def columns(self) -> "Table":
        """Return all columns that a search accepts, with units, descriptions and operators."""
        from astropy.table import Table

        columns = self._backend.json("search/columns", [])["columns"]
        names = ("name", "table", "dtype", "units", "description", "example")
        rows = [[column[name] or "" for name in names] for column in columns]
        table = Table(rows=rows, names=names)
        table["operators"] = [", ".join(column["operators"]) for column in columns]
        return table

    @property
    def holdings(self) -> dict[str, Any]:
        """Number of products, spectra and pixels, in total and per product type."""
        return self._backend.json("holdings", [])

    @overload
    def retrieve(self, name: str, /, **cutout: Any) -> ProductData: ...
    @overload
    def retrieve(self, name: list[str] | tuple[str, ...], /, **cutout: Any) -> Retrieved: ...
    @overload
    def retrieve(self, name: Any, /, **cutout: Any) -> Any: ...
    def retrieve(self, name: Any, /, **cutout: Any) -> ProductData | Retrieved:
        """Return one or several products, or a part of each.

        Parameters
        ----------
        name
            URI or file name, or a row of a result of any form, of which the product is retrieved
            whole. For a list of these or a table of results, one result for each is returned, in
            their order.
        **cutout
            Parameters that select a part: `wavelength`, `x`, `y`, `z`, `spectrum`, `position` with
            `radius`, `columns`, `bin` and `statistic`. They are those of the API, and accept
            quantities with units.

        Raises
        ------
        spectraldb.errors.NotHeldError
            If there is no such product. For a list of names, `Retrieved.missing` lists these.
        """
        part = request_parameters(None, cutout)

        def retrieve_one(each: str) -> ProductData:
            request = [product_parameter(each), *part]
            return ProductData(self._backend, request, self._backend.arrays(request))

        names = product_names(name)
        if isinstance(names, str):
            return retrieve_one(names)
        return retrieve_many(names, retrieve_one, self._progress)

    def derived(self, name: Any) -> "QTable":
        """Return the derived statistics of a product, one row per spectrum.

        `name` is a URI, a file name, or a row of a result.
        """
        from astropy.table import QTable

        reader = self._backend.batches("retrieve/derived", [product_parameter(single_name(name))])
        return astropy_table(reader.read_all(), QTable)

    def plot(
        self, name: Any, /, *, number: int | None = None, what: str = "flux", **cutout: Any
    ) -> "Figure":
        """Return a figure of a product, or of a part of it. See `ProductData.plot`."""
        return self.retrieve(single_name(name), **cutout).plot(number, what=what)

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
        """Return the products or spectra near each position of a table.

        Parameters
        ----------
        table
            The positions: a SkyCoord, or an astropy or pandas table with a SkyCoord or with
            columns `ra` and `dec`, in degrees if they have no unit.
        radius
            Maximum separation of a spectrum from a position, such as ``1 * u.arcsec``.
        product
            Product types.
        spectra
            Whether to return one row per spectrum. By default, there is one row per product, with
            its nearest spectrum.
        ra, dec
            Names of the columns, if they are not `ra` and `dec`.

        Returns
        -------
        astropy.table.QTable
            Matches in the order of the table, nearest first; `row` is the index of the position.
            Positions without a match have no row.
        """
        from astropy.table import QTable

        lon, lat = read_positions(table, ra, dec)
        options = {
            "product": format_value("product", product),
            "spectra": spectra,
            "radius": format_value("radius", radius),
        }
        parts = []
        with self._progress.items("Positions", len(lon)) as advance:
            for start in range(0, max(1, len(lon)), POSITIONS_PER_REQUEST):
                part = slice(start, start + POSITIONS_PER_REQUEST)
                reader = self._backend.match({"ra": lon[part], "dec": lat[part], **options})
                parts.append(_add_to_rows(reader.read_all(), start))
                advance(len(lon[part]))
        return astropy_table(pa.concat_tables(parts), QTable)

    def close(self) -> None:
        """Close the connections or the lake."""
        self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SpectralDB({self._backend!r})"


def _add_to_rows(matches: pa.Table, start: int) -> pa.Table:
    """Return matches with `start`, the index of the first position of a request, added to `row`."""
    if not start:
        return matches
    import pyarrow.compute as pc

    index = matches.schema.get_field_index("row")
    return matches.set_column(index, matches.schema.field("row"), pc.add(matches["row"], start))
