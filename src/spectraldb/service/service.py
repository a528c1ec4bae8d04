"""The operations of Spectral DB: ingest, remove, optimize, search, match and retrieve.

The command line, the API and the client call only these methods.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.cutouts.request import WHOLE, Cutout
from spectraldb.engines.duckdb import DuckDBEngine
from spectraldb.engines.open import open_engine
from spectraldb.ingest.find import FilePattern, find_files
from spectraldb.ingest.inventory import Inventory
from spectraldb.ingest.outcome import Summary
from spectraldb.ingest.run import Report, ingest_files
from spectraldb.lake.copies import delete_copies, is_copy
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import GRACE_SECONDS, Lake
from spectraldb.lake.record import ProductRecord
from spectraldb.maintenance.check import CheckedFile, CheckReport, check_files
from spectraldb.maintenance.optimize import OptimizeResult, optimize
from spectraldb.maintenance.progress import Report as Progress
from spectraldb.maintenance.status import lake_files, pending_optimization
from spectraldb.products.layouts.registry import find_layout
from spectraldb.query.match import Match
from spectraldb.query.parse import parse_pixels, parse_products
from spectraldb.query.retrieval import parse_retrieval
from spectraldb.results import ArraysResult, CountResult, SearchPage, SqlResult, TableStream
from spectraldb.service.lake_reader import LakeReader
from spectraldb.service.match import match_positions
from spectraldb.service.records import Holdings, LakeInfo
from spectraldb.service.retrieval import Retrieved, checked_file, derived_arrays, retrieve_arrays
from spectraldb.service.search import Search
from spectraldb.settings import Settings
from spectraldb.storage.open import open_storage
from spectraldb.storage.source import Source

Pairs = Iterable[tuple[str, str]]
"""Parameters of a request; see `docs/searching.md` and `docs/retrieving.md` for the grammar."""

EMPTY_SEARCH = (("wavelength.lt", "0"),)
"""A search without results, which loads what all searches need."""


class Service:
    """A lake and the engine that searches it.

    The class is thread-safe.

    Parameters
    ----------
    settings
        The settings, including the location of the lake and the limits.
    create
        Whether to create the lake if it does not exist.

    Raises
    ------
    BadQueryError
        If a setting is invalid.
    LakeError
        If the lake does not exist, or cannot be read or created.
    """

    def __init__(self, settings: Settings, *, create: bool = False) -> None:
        self.settings = settings
        storage = open_storage(settings)
        self._sources = storage.sources
        self.lake = Lake(storage.store, create=create)
        self._duckdb = DuckDBEngine(settings, storage.store)
        self._engine = open_engine(settings, storage.store, self._duckdb)
        self._reader = LakeReader(self.lake, self._duckdb)
        self._search = Search(self._reader, self._engine)

    def close(self) -> None:
        """Close the engines."""
        self._engine.close()
        self._duckdb.close()

    # Changing the lake

    def files(self, names: Iterable[FilePattern]) -> list[Source]:
        """Find files by paths, folders, globs and folders in buckets.

        Raises
        ------
        LakeError
            If a bucket cannot be listed.
        """
        with lake_errors("filled"):
            files = list(find_files(names, self._sources))
        return [file for file in files if not is_copy(self.lake.store, file.location)]

    def ingest(
        self,
        names: Iterable[FilePattern],
        *,
        copy: bool = False,
        layout: str | None = None,
        report: Report = lambda _: None,
        cancel: Cancellation = NEVER,
    ) -> Summary:
        """Ingest files; see `spectraldb.ingest.run`.

        Parameters
        ----------
        names
            Files, folders, globs, and folders in buckets.
        copy
            Whether to copy the files into the lake.
        layout
            Name of the layout of the files.  None to find that of each file.
        report
            Called with the outcome for each file.
        cancel
            Cancellation token.
        """
        if layout is not None:
            find_layout(layout)
        files = self.files(names)
        inventory = Inventory(self.products(), self._sources, self.lake.store)
        workers = self.settings.workers
        return ingest_files(
            self.lake,
            inventory,
            files,
            copy=copy,
            layout=layout,
            workers=workers,
            report=report,
            cancel=cancel,
        )

    def check(
        self, report: CheckReport = lambda _: None, cancel: Cancellation = NEVER
    ) -> list[CheckedFile]:
        """Return the files of products that vanished or changed; see `maintenance.check`."""
        return check_files(self.products(), self._sources, report=report, cancel=cancel)

    def remove(self, names: Sequence[str]) -> list[str]:
        """Remove products from the lake, by URI or file name, and return their URIs.

        Raises
        ------
        BadQueryError
            If several products have the same file name.
        NotHeldError
            If one of the products is not in the lake. In this case, none is removed.
        """
        records = [
            self.find(uri=n) if ":" in n else self.find(file_name=n) for n in dict.fromkeys(names)
        ]
        uris = [record.uri for record in records]
        if uris:
            self.lake.remove(uris)
            still_used = {record.location for record in self.products()}
            delete_copies(self.lake.store, {record.location for record in records} - still_used)
        return uris

    def optimize(
        self,
        *,
        keep_days: float | None = None,
        grace: float = GRACE_SECONDS,
        by_wavelength: bool = False,
        report: Progress = lambda _: None,
        cancel: Cancellation = NEVER,
    ) -> OptimizeResult:
        """Optimize the lake; see `spectraldb.maintenance.optimize`.

        Parameters
        ----------
        keep_days
            Days for which earlier versions are kept; None for the value in the settings.
        grace
            Seconds for which replaced files are kept, as searches may still read them.
        by_wavelength
            Whether to write copies of the files sorted by wavelength, for clusters.
        report
            Called with the progress.
        cancel
            Cancellation token.
        """
        days = self.settings.keep_days if keep_days is None else keep_days
        with closing(self._duckdb.cursor()) as cursor:
            sorting = cursor if by_wavelength else None
            return optimize(
                self.lake,
                keep_days=days,
                grace=grace,
                sorting=sorting,
                report=report,
                cancel=cancel,
            )

    # Contents of the lake

    def products(self) -> list[ProductRecord]:
        """Return all products, in the order of ingest."""
        return self._reader.products()

    def find(self, uri: str | None = None, file_name: str | None = None) -> ProductRecord:
        """Return a product, by either its URI or its file name.

        Raises
        ------
        BadQueryError
            If neither or both are specified, or several products have the file name.
        NotHeldError
            If the product is not in the lake.
        """
        return self._reader.find(uri, file_name)

    def holdings(self) -> Holdings:
        """Return the numbers of products, spectra and pixels in the lake."""
        return self._reader.holdings(self.lake.snapshot())

    def info(self) -> LakeInfo:
        """Return the address of the lake, its versions, its contents and its size on disk."""
        snapshot = self.lake.snapshot()
        return LakeInfo(
            address=self.lake.store.address,
            oldest_version=self.lake.oldest_version(),
            holdings=self._reader.holdings(snapshot),
            files=lake_files(self.lake, snapshot),
        )

    def pending_optimization(self) -> int:
        """Return the number of pixel files without a segment, or 0 if too few to matter."""
        return pending_optimization(self.lake, self.lake.snapshot())

    # Searching

    def ready(self) -> int:
        """Return the newest version of the lake, after checking that it can be searched.

        Raises
        ------
        LakeError
            If the lake cannot be searched.
        """
        version = self.lake.snapshot().version
        self._engine.check()
        return version

    def warm(self) -> None:
        """Load the files that searches need in advance; raises the errors of `search`."""
        self.count(EMPTY_SEARCH)
        self._engine.warm(self.lake.snapshot())

    def search(self, pairs: Pairs, cancel: Cancellation = NEVER) -> SearchPage:
        """Search for pixels, and return one page of results.

        Parameters
        ----------
        pairs
            Parameters of the request.
        cancel
            Cancellation token, set when the client disconnects.

        Raises
        ------
        BadQueryError
            If a parameter is unknown or invalid.
        NotHeldError
            If the lake does not have the requested version.
        LakeError
            If the lake cannot be read.
        LimitError
            If the search needs more time or memory than the settings allow.
        StoppedError
            If the search was cancelled.
        """
        return self._search.page(parse_pixels(pairs, self.settings), cancel)

    def stream(self, pairs: Pairs, cancel: Cancellation = NEVER) -> TableStream:
        """Search for pixels, and return all results as a stream; raises the errors of `search`."""
        return self._search.stream(parse_pixels(pairs, self.settings, unlimited=True), cancel)

    def count(self, pairs: Pairs, cancel: Cancellation = NEVER) -> CountResult:
        """Count the matching pixels and their products; raises the errors of `search`."""
        return self._search.count(parse_pixels(pairs, self.settings), cancel)

    def sql(self, pairs: Pairs) -> SqlResult:
        """Return the SQL of a search without running it; raises the errors of `search`."""
        return self._search.sql(parse_pixels(pairs, self.settings))

    def search_products(self, pairs: Pairs, cancel: Cancellation = NEVER) -> SearchPage:
        """Search for products by columns of products and spectra, and return one page of results.

        All conditions on spectra must hold for the same spectrum of a product.  All product types
        are searched by default.

        Parameters
        ----------
        pairs
            Parameters of the request, as in `search`.
        cancel
            Cancellation token.

        Raises
        ------
        BadQueryError
            As in `search`, and for conditions on columns of pixels.
        NotHeldError, LakeError, LimitError, StoppedError
            As in `search`.
        """
        return self._search.product_page(parse_products(pairs, self.settings), cancel)

    def stream_products(self, pairs: Pairs, cancel: Cancellation = NEVER) -> TableStream:
        """Search for products, and return all results; raises the errors of `search_products`."""
        query = parse_products(pairs, self.settings, unlimited=True)
        return self._search.product_stream(query, cancel)

    def match(self, match: Match, cancel: Cancellation = NEVER) -> SearchPage:
        """Return the products around each position, or their spectra, sorted by separation.

        Raises
        ------
        LakeError, LimitError, StoppedError
            As in `search`.
        """
        return match_positions(match, self._duckdb, self.lake.snapshot(), cancel)

    # Retrieving

    def retrieve(
        self, uri: str | None = None, file_name: str | None = None, cutout: Cutout = WHOLE
    ) -> Retrieved:
        """Return the arrays of a product or a cut-out, which are read from its file when sent.

        Parameters
        ----------
        uri, file_name
            The product; specify one of the two.
        cutout
            The part to retrieve.

        Raises
        ------
        BadQueryError
            As in `find`, and if the cut-out does not apply to the product.
        NotHeldError
            As in `find`, and if the cut-out is empty.
        FileGoneError
            If the file has been moved or deleted.
        FileChangedError
            If the file has changed since it was ingested.
        """
        record = self.find(uri, file_name)
        return retrieve_arrays(record, self._sources.of(record.location), cutout)

    def retrieve_request(self, pairs: Pairs) -> Retrieved:
        """Parse the parameters of a request, and return the arrays as `retrieve` does."""
        retrieval = parse_retrieval(pairs)
        return self.retrieve(retrieval.uri, retrieval.file_name, retrieval.cutout)

    def file(self, uri: str | None = None, file_name: str | None = None) -> tuple[Path, str]:
        """Return the path and name of the file of a product; raises the errors of `retrieve`."""
        record = self.find(uri, file_name)
        return checked_file(record, self._sources.of(record.location)), record.file_name

    def derived(
        self, uri: str | None = None, file_name: str | None = None, spectrum: int | None = None
    ) -> ArraysResult:
        """Return the derived statistics of a product, with one value per spectrum.

        Parameters
        ----------
        uri, file_name
            The product; specify one of the two.
        spectrum
            Index of the only spectrum to return; None for all.

        Raises
        ------
        BadQueryError
            As in `find`.
        NotHeldError
            As in `find`, and if the product has no such spectrum.
        """
        record = self.find(uri, file_name)
        return derived_arrays(record, self._reader.spectra(record, spectrum))
