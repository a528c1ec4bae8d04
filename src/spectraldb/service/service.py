"""What Spectral DB does: ingest, remove, search, retrieve.

The command line, the API and the client call these functions and no others.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.cutouts.request import WHOLE, Cutout
from spectraldb.engines.base import open_engine
from spectraldb.engines.duckdb import BATCH_ROWS, DuckDBEngine
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.ingest.find import Word, find_files
from spectraldb.ingest.inventory import Known
from spectraldb.ingest.outcome import Summary
from spectraldb.ingest.run import Report, ingest_files
from spectraldb.lake.catalogue import Catalogue
from spectraldb.lake.copies import drop_copies, is_copy
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import GRACE_SECONDS, Lake, Snapshot
from spectraldb.maintenance.optimize import Optimized, optimize
from spectraldb.maintenance.progress import Report as Progress
from spectraldb.maintenance.status import due, state_of, without_segment
from spectraldb.query.match import Match
from spectraldb.query.model import Query
from spectraldb.query.parse import parse
from spectraldb.query.retrieval import parse_retrieval
from spectraldb.query.sql.pixels import compile_query
from spectraldb.query.sql.products import compile_products
from spectraldb.query.sql.statement import Statement
from spectraldb.query.units import left_out
from spectraldb.results import (
    ArraysAnswer,
    CountAnswer,
    SearchAnswer,
    SqlAnswer,
    TableAnswer,
)
from spectraldb.schema.arrow import ARROW_TYPES, SCHEMAS
from spectraldb.schema.columns import UNIT_COLUMNS
from spectraldb.schema.tables import Table
from spectraldb.service.retrieval import Retrieved, checked_file, derived_arrays, retrieve_arrays
from spectraldb.service.search import Part, Searched, WholeAnswer, one_page
from spectraldb.settings import Settings
from spectraldb.storage.open import open_storage
from spectraldb.storage.source import Source

Row = dict[str, Any]
Pairs = Iterable[tuple[str, str]]


PART_PIXELS = 2_000_000
"""How many stored pixels a part of a long answer looks at."""

NOTHING = (("wavelength.lt", "0"),)
"""A search that finds nothing, but needs what every search needs."""

NO_PRODUCTS = SCHEMAS[Table.PRODUCT].empty_table()


class Service:
    """A lake and an engine over it.

    Parameters
    ----------
    settings
        Where the lake is, and the limits.
    create
        Whether to make the lake if there is none.
    """

    def __init__(self, settings: Settings, *, create: bool = False) -> None:
        self.settings = settings
        storage = open_storage(settings)
        self._sources = storage.sources
        self.lake = Lake(storage.store, create=create)
        self._engine = DuckDBEngine(settings, storage.store)
        self._search = open_engine(settings, storage.store, self._engine)
        self._products: tuple[Snapshot | None, Catalogue] = (None, Catalogue(NO_PRODUCTS))

    def close(self) -> None:
        """Give back what the engines hold."""
        self._search.close()
        self._engine.close()

    # Filling the lake

    def files(self, words: Iterable[Word]) -> list[Source]:
        """Return the files that paths, folders, globs and places in buckets mean.

        Raises
        ------
        LakeError
            If a bucket cannot be listed.
        """
        with lake_errors("filled"):
            files = list(find_files(words, self._sources))
        return [file for file in files if not is_copy(self.lake.store, file.location)]

    def ingest(
        self,
        words: Iterable[Word],
        *,
        copy: bool = False,
        report: Report = lambda _: None,
        cancel: Cancellation = NEVER,
    ) -> Summary:
        """Take files, folders and globs into the lake; see `spectraldb.ingest.run`."""
        files = self.files(words)
        known = Known(self.products(), self._sources, self.lake.store)
        workers = self.settings.workers
        return ingest_files(
            self.lake, known, files, copy=copy, workers=workers, report=report, cancel=cancel
        )

    def remove(self, names: Sequence[str]) -> list[str]:
        """Take products out of the lake, by URI or file name, and return their URIs.

        Raises
        ------
        NotHeldError
            If one of them is not held; then none is removed.
        """
        rows = [
            self.find(uri=n) if ":" in n else self.find(file_name=n) for n in dict.fromkeys(names)
        ]
        uris = [row["uri"] for row in rows]
        if uris:
            self.lake.remove(uris)
            still = {row["location"] for row in self.products()}
            drop_copies(self.lake, {row["location"] for row in rows} - still)
        return uris

    def optimize(
        self,
        *,
        keep_days: float | None = None,
        grace: float = GRACE_SECONDS,
        by_wavelength: bool = False,
        report: Progress = lambda _: None,
        cancel: Cancellation = NEVER,
    ) -> Optimized:
        """Put the lake in order; see `spectraldb.maintenance.optimize`.

        With `by_wavelength`, files get a copy that clusters search for wavelengths.
        """
        days = self.settings.keep_days if keep_days is None else keep_days
        with closing(self._engine.cursor()) as cursor:
            sorting = cursor if by_wavelength else None
            return optimize(
                self.lake,
                keep_days=days,
                grace=grace,
                sorting=sorting,
                report=report,
                cancel=cancel,
            )

    # Looking up

    def products(self) -> list[Row]:
        """Return the product rows, in the order of ingest."""
        return self._catalogue().all()

    def find(self, uri: str | None = None, file_name: str | None = None) -> Row:
        """Return the row of one product.

        Raises
        ------
        BadQueryError
            If neither or both are given, or several products have that file name.
        NotHeldError
            If the lake does not hold it.
        """
        if bool(uri) == bool(file_name):
            raise BadQueryError(
                "say which product: uri=mast:JWST/product/... or filename=..., one of the two"
            )
        catalogue = self._catalogue()
        row = catalogue.by_uri(uri) if uri else None
        rows = catalogue.by_file_name(file_name) if file_name else [row] if row else []
        if not rows:
            near = catalogue.nearest(uri or file_name or "")
            told = f"did you mean {near}?" if near else "`search` with group=True tells what is"
            raise NotHeldError(f"{uri or file_name!r} is not held here; {told}")
        if len(rows) > 1:
            uris = ", ".join(row["uri"] for row in rows)
            raise BadQueryError(
                f"several products are called {file_name}; say which by uri: {uris}"
            )
        return rows[0]

    def _catalogue(self, snapshot: Snapshot | None = None) -> Catalogue:
        """Return the products of a version of the lake, the newest if none is given."""
        snapshot = snapshot or self.lake.snapshot()
        known, catalogue = self._products
        if known is not snapshot:
            sql = f"select * from {Table.PRODUCT.value} order by productId"  # noqa: S608
            catalogue = Catalogue(self._engine.fetch(sql, snapshot))
            self._products = (snapshot, catalogue)
        return catalogue

    def holdings(self) -> Row:
        """Return how many products, spectra and pixels the lake holds, of each type and in all."""
        return self._holdings(self.lake.snapshot())

    def _holdings(self, snapshot: Snapshot) -> Row:
        sql = (
            "select productType, count(*) as products, sum(nSpectra)::bigint as spectra, "  # noqa: S608
            f"sum(nStored)::bigint as pixels from {Table.PRODUCT.value} "
            "group by productType order by productType"
        )
        types = self._engine.fetch(sql, snapshot).to_pylist()
        totals = {name: sum(t[name] for t in types) for name in ("products", "spectra", "pixels")}
        return {"version": snapshot.version, **totals, "productTypes": types}

    def info(self) -> Row:
        """Return where the lake is, its versions, what it holds and how much room that takes."""
        snapshot = self.lake.snapshot()
        state = state_of(self.lake, snapshot)
        types = self._holdings(snapshot)["productTypes"]
        return {
            "lake": self.lake.store.address,
            "version": snapshot.version,
            "oldestVersion": self.lake.oldest_version(),
            "bytes": state.bytes,
            "segmentBytes": state.segment_bytes,
            "byWavelengthBytes": state.ordered_bytes,
            "due": due(state.without_segment),
            "productTypes": [t | asdict(state.types[t["productType"]]) for t in types],
        }

    def due(self) -> int:
        """Return how many files of pixels wait to be optimized, if these are so many as matter."""
        return due(without_segment(self.lake, self.lake.snapshot()))

    # Searching

    def ready(self) -> int:
        """Return the newest version of the lake, which can be searched now.

        Raises
        ------
        LakeError
            If it cannot.
        """
        version = self.lake.snapshot().version
        self._search.check()
        return version

    def warm(self) -> None:
        """Do now what the first search would have to wait for; raises as `search`."""
        snapshot = self.lake.snapshot()
        self._catalogue(snapshot)
        self.count(NOTHING)
        self._search.warm(snapshot)

    def search(self, pairs: Pairs, cancel: Cancellation = NEVER) -> SearchAnswer:
        """Search for pixels.

        Parameters
        ----------
        pairs
            The parameters of the request; `docs/searching.md` has the grammar.
        cancel
            Cancellation token, set when the client disconnects.

        Raises
        ------
        BadQueryError
            If a parameter is not understood.
        NotHeldError
            If the lake no longer has the version asked for.
        LimitError
            If it needs more time or memory than the settings allow.
        StoppedError
            If `cancel` was requested.
        """
        query = parse(pairs, self.settings)
        searched = self._searched(query, cancel)
        compiled, rows = searched.page(query)
        note = left_out(query.conditions, searched.units)
        return one_page(query, compiled, rows, searched.snapshot.version, note)

    def table(self, pairs: Pairs, cancel: Cancellation = NEVER) -> TableAnswer:
        """Search for all pixels that match, as a stream of Arrow batches; raises as `search`.

        In the usual order the products are asked for some at a time: memory stays flat however
        long the answer is, and one that is cut short is not computed to its end.
        """
        query = parse(pairs, self.settings, everything=True)
        searched = self._searched(query, cancel)
        snapshot = searched.snapshot
        parts = self._parts(query, snapshot) if query.in_usual_order else [query]
        whole = WholeAnswer(lambda: map(searched.part, parts), query.limit)
        compiled = compile_query(parts[0], searched.units)
        return TableAnswer(
            sql=compiled.sql.text,
            columns=compiled.columns,
            version=snapshot.version,
            units=self._common_units(query, snapshot),
            batches=whole.batches,
            measure=whole.measure,
        )

    def _parts(self, query: Query, snapshot: Snapshot) -> list[Query]:
        """Return a query for some products at a time, all of them together."""
        ranges = self._catalogue(snapshot).ranges(query.product_types, PART_PIXELS)
        return [replace(query, products=part) for part in ranges] or [query]

    def _common_units(self, query: Query, snapshot: Snapshot) -> dict[str, str]:
        """Return the units that all products of the types asked for share."""
        catalogue = self._catalogue(snapshot)
        units = {u: catalogue.units(u, query.product_types) for u in set(UNIT_COLUMNS.values())}
        return {name: units[u][0] for name, u in UNIT_COLUMNS.items() if len(units[u]) == 1}

    def count(self, pairs: Pairs, cancel: Cancellation = NEVER) -> CountAnswer:
        """Count the pixels that match, and the products they are in; raises as `search`."""
        query = parse(pairs, self.settings)
        searched = self._searched(query, cancel)
        sql, pixels, products = searched.count(query)
        message = f"{pixels:,} pixels of {products:,} products match"
        note = left_out(query.conditions, searched.units)
        version = searched.snapshot.version
        return CountAnswer(sql.text, pixels, products, version, message + note)

    def sql(self, pairs: Pairs) -> SqlAnswer:
        """Return what a search would run, without running it; raises as `search`."""
        query = parse(pairs, self.settings)
        snapshot = self.lake.snapshot(query.version)
        units = self._units(query, snapshot)
        note = left_out(query.conditions, units)
        sql = compile_query(query, units).sql.text
        return SqlAnswer(sql, snapshot.version, "Not run: this is what a search would run" + note)

    def _searched(self, query: Query, cancel: Cancellation) -> Searched:
        """Return what a query runs on."""
        snapshot = self.lake.snapshot(query.version)
        products = self._catalogue(snapshot).products
        units = self._units(query, snapshot)
        return Searched(self._search, snapshot, products, units, cancel)

    def search_products(self, pairs: Pairs, cancel: Cancellation = NEVER) -> SearchAnswer:
        """Search for products by what they and their spectra are; parameters as in `search`.

        All conditions on spectra must hold for one spectrum of the product. All types of
        product are searched unless the parameters name some.

        Raises
        ------
        BadQueryError, NotHeldError
            As `search`; BadQueryError also for conditions on pixels.
        """
        query = parse(pairs, self.settings, products=True)
        snapshot = self.lake.snapshot(query.version)
        units = self._units(query, snapshot)
        compiled = compile_products(query, units)
        rows = self._search.rows(compiled.sql, snapshot, query.product_types, cancel)
        note = left_out(query.conditions, units) if snapshot.products else "; the lake is empty"
        return one_page(query, compiled, rows, snapshot.version, note)

    def products_table(self, pairs: Pairs, cancel: Cancellation = NEVER) -> TableAnswer:
        """Search for all products that match, as a stream; raises as `search_products`."""
        query = parse(pairs, self.settings, everything=True, products=True)
        snapshot = self.lake.snapshot(query.version)
        compiled = compile_products(query, self._units(query, snapshot))

        def stream(sql: Statement, _: bool) -> Iterator[pa.RecordBatch]:
            rows = self._search.rows(sql, snapshot, query.product_types, cancel)
            yield from rows.to_batches(BATCH_ROWS)

        whole = WholeAnswer(lambda: iter([Part(compiled, stream)]), query.limit)
        return TableAnswer(
            sql=compiled.sql.text,
            columns=compiled.columns,
            version=snapshot.version,
            units={},
            batches=whole.batches,
            measure=whole.measure,
            name="PRODUCTS",
        )

    # Matching

    def match(self, match: Match, cancel: Cancellation = NEVER) -> SearchAnswer:
        """Return for each position the products around it, or their spectra, nearest first.

        Raises
        ------
        LimitError, StoppedError
            As `search`.
        """
        snapshot = self.lake.snapshot()
        found = self._engine.fetch(
            match.sql, snapshot, match.product_types, match.parameters, cancel
        )
        rows = found.select(list(match.columns)).cast(
            pa.schema([(name, ARROW_TYPES[c.dtype]) for name, c in match.columns.items()])
        )
        noun = "spectra" if match.spectra else "products"
        places = len(pc.unique(rows["row"]))
        message = f"Found {len(rows):,} {noun} at {places:,} of {len(match.ra):,} positions"
        return SearchAnswer(
            sql=match.sql,
            rows=rows,
            columns=match.columns,
            version=snapshot.version,
            truncated=False,
            after=None,
            message=message,
        )

    def _units(self, query: Query, snapshot: Snapshot) -> dict[str, list[str]]:
        """Return the units that products have, where the query needs them."""
        if not any(condition.unit for condition in query.conditions):
            return {}
        catalogue = self._catalogue(snapshot)
        return {name: catalogue.units(name) for name in set(UNIT_COLUMNS.values())}

    # Retrieving

    def retrieve(
        self, uri: str | None = None, file_name: str | None = None, cutout: Cutout = WHOLE
    ) -> Retrieved:
        """Return the arrays of a product or of a part of it, read from its file as they are sent.

        Raises
        ------
        BadQueryError, NotHeldError
            As `find`; also if the part does not fit the product, or nothing lies in it.
        FileGoneError, FileChangedError
            If the file is no longer there, or no longer the one that was ingested.
        """
        row = self.find(uri, file_name)
        return retrieve_arrays(row, self._sources.of(row["location"]), cutout)

    def retrieve_asked(self, pairs: Pairs) -> Retrieved:
        """Return what the parameters of a request ask for; raises as `retrieve`."""
        asked = parse_retrieval(pairs)
        return self.retrieve(asked.uri, asked.file_name, asked.cutout)

    def file(self, uri: str | None = None, file_name: str | None = None) -> tuple[Path, str]:
        """Return place and name of the FITS file of a product; raises as `retrieve`."""
        row = self.find(uri, file_name)
        return checked_file(row, self._sources.of(row["location"])), row["fileName"]

    def derived(
        self, uri: str | None = None, file_name: str | None = None, spectrum: int | None = None
    ) -> ArraysAnswer:
        """Return the derived figures of a product's spectra, a value for each spectrum.

        Raises
        ------
        BadQueryError, NotHeldError
            As `find`; NotHeldError also if the product has no such spectrum.
        """
        row = self.find(uri, file_name)
        where = "" if spectrum is None else "and spectrum = $spectrum"
        sql = (
            f"select * from {Table.SPECTRUM.value} where productId = $id {where} "  # noqa: S608
            "order by spectrum"
        )
        parameters: dict[str, object] = {"id": row["productId"]}
        if spectrum is not None:
            parameters["spectrum"] = spectrum
        types = frozenset({row["productType"]})
        rows = self._engine.fetch(sql, self.lake.snapshot(), types, parameters)
        if not len(rows):
            last = row["nSpectra"] - 1
            raise NotHeldError(
                f"{row['fileName']} has no spectrum {spectrum}: they are 0 to {last}"
            )
        return derived_arrays(row, rows)
