"""What a script begins with."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

import pyarrow as pa

from spectraldb.client.backend import Backend
from spectraldb.client.bulk_retrieval import Retrieved, retrieve_many
from spectraldb.client.coordinates import degrees
from spectraldb.client.optional import need
from spectraldb.client.parameters import parameters, text_of, which
from spectraldb.client.product import ProductData
from spectraldb.client.progress import Progress
from spectraldb.client.search import Search
from spectraldb.client.tables import astropy_table

if TYPE_CHECKING:
    from astropy.table import QTable, Table
    from matplotlib.figure import Figure

AT_ONCE = 20_000
"""How many positions go into one request of a match."""


class SpectralDB:
    """A lake of spectra: of a server, or read in this process from a folder or a bucket.

    Every method asks when it is called, except `search` and `search_products`. What can go
    wrong are the errors of `spectraldb.errors`: `BadQueryError` (what was asked is not
    understood), `NotHeldError` (there is no such product), `FileGoneError` and `FileChangedError`
    (its file), `LimitError` (too much was asked), `LakeError` and `NoAnswerError` (the server or
    the lake cannot answer now). Their messages are the server's, and say what to do.

    Parameters
    ----------
    place
        The address of a server (``http://host:8000``), or the place of a lake (a folder, or
        ``s3://bucket/folder``); by default the one that the commands use: `SPECTRALDB_LAKE`, or
        the one in the user's data folder.
    timeout
        Seconds to wait for a server's answer to begin or to go on.
    retries
        How often to ask again when a server cannot be reached or fails.
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
            need("duckdb", "server")
            from spectraldb.client.local import LocalBackend

            self._backend = LocalBackend(place)

    # Searching

    def search(self, query: str | None = None, /, **words: Any) -> Search:
        """Return a search for pixels, which runs when its answer is asked for.

        Parameters
        ----------
        query
            Conditions as in the URL: ``"wavelength=1.2,1.3&flux.gte=10"``.
        **words
            Conditions by column, with two underscores before an operator, as in
            ``wavelength=(1.2, 1.3) * u.um, flux__gte=3 * u.mJy``; ``position=SkyCoord(...)`` with
            ``radius=5 * u.arcsec``; `product`, `columns`, `sort_by`, `limit`, `version`. All
            columns and operators are in the documentation of searching.
        """
        return Search(self._backend, parameters(query, words), "search", self._progress)

    def search_products(self, query: str | None = None, /, **words: Any) -> Search:
        """Return a search for products by what they and their spectra are; words as in `search`."""
        return Search(self._backend, parameters(query, words), "search/products", self._progress)

    def columns(self) -> "Table":
        """Return all columns that a search can name: units, descriptions, operators."""
        from astropy.table import Table

        known = self._backend.json("search/columns", [])["columns"]
        names = ("name", "table", "dtype", "units", "description", "example")
        rows = [[column[name] or "" for name in names] for column in known]
        table = Table(rows=rows, names=names)
        table["operators"] = [", ".join(column["operators"]) for column in known]
        return table

    @property
    def holdings(self) -> dict[str, Any]:
        """How many products, spectra and pixels there are, of each type and in all."""
        return self._backend.json("holdings", [])

    # Retrieving

    @overload
    def retrieve(self, name: str, /, **cutout: Any) -> ProductData: ...
    @overload
    def retrieve(self, name: Iterable[str], /, **cutout: Any) -> Retrieved: ...
    def retrieve(self, name: str | Iterable[str], /, **cutout: Any) -> ProductData | Retrieved:
        """Return a product, or many, or a part of each.

        Parameters
        ----------
        name
            URI or file name; of several there is an answer for each, in their order.
        **cutout
            The part: `wavelength`, `x`, `y`, `z`, `spectrum`, `position` and `radius`, `columns`,
            `bin`, `statistic`, as the API has them, with units.

        Raises
        ------
        spectraldb.errors.NotHeldError
            If there is no such product; of many, those that are missing are named in the answer.
        """
        part = parameters(None, cutout)

        def one(each: str) -> ProductData:
            asked = [which(each), *part]
            return ProductData(self._backend, asked, self._backend.arrays(asked))

        if isinstance(name, str):
            return one(name)
        return retrieve_many([str(each) for each in name], one, self._progress)

    def derived(self, name: str) -> "QTable":
        """Return the derived figures of a product's spectra, a row for each."""
        from astropy.table import QTable

        rows = self._backend.batches("retrieve/derived", [which(name)]).read_all()
        return astropy_table(rows, QTable)

    def plot(
        self, name: str, /, *, number: int | None = None, what: str = "flux", **cutout: Any
    ) -> "Figure":
        """Return a figure of a product, or of a part of it; see `ProductData.plot`."""
        return self.retrieve(name, **cutout).plot(number, what=what)

    # Matching

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
        """Return what lies around each of many positions.

        Parameters
        ----------
        table
            The positions: a SkyCoord, or a table (astropy, pandas) with a SkyCoord or with
            columns `ra` and `dec`, in degrees if they say no unit.
        radius
            How far away a spectrum may lie, such as ``1 * u.arcsec``.
        product
            Types of products.
        spectra
            A row for each spectrum, else for each product with the nearest of its spectra.
        ra, dec
            The names of the columns, if they are others.

        Returns
        -------
        astropy.table.QTable
            In the order of the table, nearest first; `row` is the index in it. A row of the table
            that nothing lies around has none.
        """
        lon, lat = degrees(table, ra, dec)
        told = {
            "product": text_of("product", product),
            "spectra": spectra,
            "radius": text_of("radius", radius),
        }
        found = []
        with self._progress.things("positions", len(lon)) as advance:
            for start in range(0, max(1, len(lon)), AT_ONCE):
                part = slice(start, start + AT_ONCE)
                rows = self._backend.match({"ra": lon[part], "dec": lat[part], **told}).read_all()
                found.append(_moved(rows, start))
                advance(len(lon[part]))
        from astropy.table import QTable

        return astropy_table(pa.concat_tables(found), QTable)

    def close(self) -> None:
        """Let go of connections, or of the lake."""
        self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SpectralDB({self._backend!r})"


def _moved(rows: pa.Table, by: int) -> pa.Table:
    """Return matches of a part of the positions with their rows among all of them."""
    if not by:
        return rows
    import pyarrow.compute as pc

    place = rows.schema.get_field_index("row")
    return rows.set_column(place, rows.schema.field("row"), pc.add(rows["row"], by))
