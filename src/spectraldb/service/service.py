"""What Spectral DB does: ingest, remove, search, match, retrieve.

The command line, the API and the client call these methods and no others.
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
from spectraldb.maintenance.optimize import OptimizeResult, optimize
from spectraldb.maintenance.progress import Report as Progress
from spectraldb.maintenance.status import lake_files, pending_optimization
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
"""The parameters of a request; `docs/searching.md` and `docs/retrieving.md` have the grammar."""

EMPTY_SEARCH = (("wavelength.lt", "0"),)
"""A search that finds nothing, and loads what every search needs."""


class Service:
    """A lake and the engine that searches it.

    Threads share a service; each part of it says how.

    Parameters
    ----------
    settings
        Where the lake is, and the limits.
    create
        Whether to create the lake if there is none.
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
        """Release what the engines hold."""
        self._engine.close()
        self._duckdb.close()

    # Filling the lake

    def files(self, names: Iterable[FilePattern]) -> list[Source]:
        """Return the files that paths, folders, globs and folders of buckets name.

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
        report: Report = lambda _: None,
        cancel: Cancellation = NEVER,
    ) -> Summary:
        """Ingest files, folders and globs; see `spectraldb.ingest.run`."""
        files = self.files(names)
        inventory = Inventory(self.products(), self._sources, self.lake.store)
        workers = self.settings.workers
        return ingest_files(
            self.lake, inventory, files, copy=copy, workers=workers, report=report, cancel=cancel
        )

    def remove(self, names: Sequence[str]) -> list[str]:
        """Remove products from the lake, by URI or file name, and return their URIs.

        Raises
        ------
        NotHeldError
            If the lake does not hold one of them; then none is removed.
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

        With `by_wavelength`, files get a copy sorted by wavelength, for clusters.
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

    # What the lake holds

    def products(self) -> list[ProductRecord]:
        """Return all products, in the order of ingest."""
        return self._reader.products()

    def find(self, uri: str | None = None, file_name: str | None = None) -> ProductRecord:
        """Return one product.

        Raises
        ------
        BadQueryError
            If neither or both are given, or several products have that file name.
        NotHeldError
            If the lake does not hold it.
        """
        return self._reader.find(uri, file_name)

    def holdings(self) -> Holdings:
        """Return how many products, spectra and pixels the lake holds."""
        return self._reader.holdings(self.lake.snapshot())

    def info(self) -> LakeInfo:
        """Return where the lake is, its versions, what it holds and how much room that takes."""
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
        """Return the newest version of the lake if it can be searched now.

        Raises
        ------
        LakeError
            If it cannot.
        """
        version = self.lake.snapshot().version
        self._engine.check()
        return version

    def warm(self) -> None:
        """Load what the first search would have to wait for; raises as `search`."""
        self.count(EMPTY_SEARCH)
        self._engine.warm(self.lake.snapshot())

    def search(self, pairs: Pairs, cancel: Cancellation = NEVER) -> SearchPage:
        """Search for pixels, and return one page of them.

        Parameters
        ----------
        pairs
            The parameters of the request.
        cancel
            Cancellation token, set when the client disconnects.

        Raises
        ------
        BadQueryError
            If a parameter is not understood.
        NotHeldError
            If the lake no longer has the requested version.
        LimitError
            If it needs more time or memory than the settings allow.
        StoppedError
            If it was cancelled.
        """
        return self._search.page(parse_pixels(pairs, self.settings), cancel)

    def stream(self, pairs: Pairs, cancel: Cancellation = NEVER) -> TableStream:
        """Search for pixels, and return all of them as a stream; raises as `search`."""
        return self._search.stream(parse_pixels(pairs, self.settings, unlimited=True), cancel)

    def count(self, pairs: Pairs, cancel: Cancellation = NEVER) -> CountResult:
        """Count the matching pixels, and their products; raises as `search`."""
        return self._search.count(parse_pixels(pairs, self.settings), cancel)

    def sql(self, pairs: Pairs) -> SqlResult:
        """Return the SQL of a search without running it; raises as `search`."""
        return self._search.sql(parse_pixels(pairs, self.settings))

    def search_products(self, pairs: Pairs, cancel: Cancellation = NEVER) -> SearchPage:
        """Search for products by what they and their spectra are; parameters as in `search`.

        All conditions on spectra must hold for one spectrum of the product.  All product types
        are searched unless the parameters name some.

        Raises
        ------
        BadQueryError, NotHeldError
            As `search`; BadQueryError also for conditions on pixels.
        """
        return self._search.product_page(parse_products(pairs, self.settings), cancel)

    def stream_products(self, pairs: Pairs, cancel: Cancellation = NEVER) -> TableStream:
        """Search for products, and return all of them; raises as `search_products`."""
        query = parse_products(pairs, self.settings, unlimited=True)
        return self._search.product_stream(query, cancel)

    def match(self, match: Match, cancel: Cancellation = NEVER) -> SearchPage:
        """Return for each position the products around it, or their spectra, nearest first.

        Raises
        ------
        LimitError, StoppedError
            As `search`.
        """
        return match_positions(match, self._duckdb, self.lake.snapshot(), cancel)

    # Retrieving

    def retrieve(
        self, uri: str | None = None, file_name: str | None = None, cutout: Cutout = WHOLE
    ) -> Retrieved:
        """Return the arrays of a product or of a part of it, read from its file as they are sent.

        Raises
        ------
        BadQueryError, NotHeldError
            As `find`; also if the part does not fit the product, or is empty.
        FileGoneError, FileChangedError
            If the file is missing, or no longer the one that was ingested.
        """
        record = self.find(uri, file_name)
        return retrieve_arrays(record, self._sources.of(record.location), cutout)

    def retrieve_request(self, pairs: Pairs) -> Retrieved:
        """Return the arrays that the parameters of a request describe; raises as `retrieve`."""
        retrieval = parse_retrieval(pairs)
        return self.retrieve(retrieval.uri, retrieval.file_name, retrieval.cutout)

    def file(self, uri: str | None = None, file_name: str | None = None) -> tuple[Path, str]:
        """Return the path and the name of the FITS file of a product; raises as `retrieve`."""
        record = self.find(uri, file_name)
        return checked_file(record, self._sources.of(record.location)), record.file_name

    def derived(
        self, uri: str | None = None, file_name: str | None = None, spectrum: int | None = None
    ) -> ArraysResult:
        """Return the derived statistics of a product's spectra, a value for each spectrum.

        Raises
        ------
        BadQueryError, NotHeldError
            As `find`; NotHeldError also if the product has no such spectrum.
        """
        record = self.find(uri, file_name)
        return derived_arrays(record, self._reader.spectra(record, spectrum))
