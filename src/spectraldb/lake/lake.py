"""The lake: three Delta tables, and the commits that change them.

A product becomes visible with the commit of its row in DataProduct, which every search joins
from; its spectra and pixels were committed before.  A crash in between leaves rows that nothing
can see.
"""

import contextlib
import json
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, Schema, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from spectraldb.errors import LakeError, NotHeldError
from spectraldb.lake.data_files import DataFile
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.file_statistics import FileRanges
from spectraldb.lake.format import check_format, write_format
from spectraldb.lake.layout import PARTITION, TABLES, commit_file, product_type_of
from spectraldb.lake.record import ProductRecord
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.storage.objects import FileInfo
from spectraldb.storage.store import Store

COMMIT_TRIES = 20

CONFIGURATION = {
    "delta.checkpointInterval": "50",
    # Longer than any setting keeps versions: what ends them is that their files are deleted.
    "delta.logRetentionDuration": "interval 366 days",
}

GRACE_SECONDS = 3600.0
"""For so long nothing is taken from the lake that a search or an ingest may be at work with."""


@dataclass(frozen=True)
class Snapshot:
    """One version of the lake: which files hold it."""

    version: int
    generation: int
    """Counts how often the lake was deleted and made anew while it was open."""
    products: tuple[str, ...]
    spectra: dict[str, tuple[str, ...]]
    """Files by product type."""
    pixels: dict[str, tuple[str, ...]]
    ranges: FileRanges = field(default_factory=FileRanges, compare=False, repr=False)
    """What the files of pixels can hold."""


@dataclass(frozen=True)
class HeldFile:
    """A data file of a table."""

    path: str
    """Relative to the folder of its table."""
    product_type: str
    size: int
    rows: int
    low: int
    """The lowest productId in it."""
    high: int
    """The highest."""
    added: float
    """When it became part of the table, in seconds since 1970."""


class Lake:
    """A lake in a folder or a bucket.

    Parameters
    ----------
    store
        Where its files are.
    create
        Whether to make the lake if there is none.

    Raises
    ------
    LakeError
        If there is no lake and none is to be made, or it is of another format.
    """

    def __init__(self, store: Store, *, create: bool = False) -> None:
        self.store = store
        if create:
            self._create()
        self._lock = threading.Lock()
        self._latest: Snapshot | None = None
        self._versions: list[int] = []
        self._generation = 0
        self._looked = -math.inf
        self._failure, self._failed = "", -math.inf
        with lake_errors("read"):
            self._open_tables()

    @property
    def folder(self) -> Path:
        """Its folder on this machine."""
        return self.store.folder

    # Reading

    def snapshot(self, version: int | None = None) -> Snapshot:
        """Return the newest version of the lake, or an older one that is still kept.

        The product table is read first: spectra and pixels of a product that it holds were
        committed earlier, and rows are never changed, so that the newest files of those two
        tables serve every version.
        """
        newest = self._seen()
        if version is None or version == newest.version:
            return newest
        if version > newest.version:
            raise NotHeldError(f"the lake has no version {version}; its newest is {newest.version}")
        with lake_errors("read"):
            products = self._older(version)
        if products is None:
            raise NotHeldError(
                f"the lake has no version {version} any more; its newest is {newest.version}"
            )
        return replace(newest, version=version, products=products)

    def _older(self, version: int) -> tuple[str, ...] | None:
        """Return the files of products of an older version; None if it is no longer kept."""
        try:
            older = self._table(Table.PRODUCT, version)
        except DeltaError:
            return None
        paths = _paths(older, self._path(Table.PRODUCT))
        names = (f"{Table.PRODUCT.value}/{Path(path).name}" for path in paths)
        return paths if all(map(self._exists, names)) else None

    def oldest_version(self) -> int:
        """Return the oldest version since which every one can still be asked for."""
        for version in range(self.snapshot().version, 0, -1):
            names = (f"{Table.PRODUCT.value}/{name}" for name in self._gone(version))
            if not all(map(self._exists, names)):
                return version
        return 0

    def _gone(self, version: int) -> list[str]:
        """Return the files of products that the versions before had and this one has not."""
        log = self.store.get(commit_file(Table.PRODUCT, version))
        actions = (json.loads(line) for line in log.splitlines())
        return [unquote(action["remove"]["path"]) for action in actions if "remove" in action]

    def _exists(self, name: str) -> bool:
        return self.store.exists(name)

    def _seen(self) -> Snapshot:
        """Return the newest version; one looks for all who ask at once, also where that fails."""
        with self._lock:
            if time.monotonic() - self._failed < self.store.stale_seconds:
                raise LakeError(self._failure)
            try:
                with lake_errors("read"):
                    return self._newest()
            except LakeError as error:
                self._failure, self._failed = str(error), time.monotonic()
                raise

    def _newest(self) -> Snapshot:
        if self._latest and time.monotonic() - self._looked < self.store.stale_seconds:
            return self._latest
        if self._birth() != self._opened:
            self._generation += 1
            self._open_tables()
        # Products first: spectra and pixels of those that are seen were committed before.
        versions = [self._updated(table) for table in reversed(TABLES)]
        if self._latest is None or self._versions != versions:
            self._latest, self._versions = self._take(), versions
        self._looked = time.monotonic()
        return self._latest

    def _updated(self, table: Table) -> int:
        """Take in the newest commits to a table and return its version.

        Looking for the file of the next commit takes a hundredth of the time of asking Delta.
        """
        opened = self._tables[table]
        if self._exists(commit_file(table, opened.version() + 1)):
            opened.update_incremental()
        return int(opened.version())

    def _take(self) -> Snapshot:
        products, pixels = self._tables[Table.PRODUCT], self._tables[Table.PIXEL]
        return Snapshot(
            version=products.version(),
            generation=self._generation,
            products=_paths(products, self._path(Table.PRODUCT)),
            spectra=self._by_type(Table.SPECTRUM),
            pixels=self._by_type(Table.PIXEL),
            ranges=FileRanges.of(pa.table(pixels.get_add_actions(flatten=True))),
        )

    def _by_type(self, table: Table) -> dict[str, tuple[str, ...]]:
        files: dict[str, list[str]] = {}
        for path in _paths(self._tables[table], self._path(table), folders=1):
            files.setdefault(product_type_of(path), []).append(path)
        return {product_type: tuple(sorted(paths)) for product_type, paths in files.items()}

    def held_files(self, table: Table) -> list["HeldFile"]:
        """Return the files of SpectralCharacteristics or SpectralPixel, as they are now."""
        opened = self._tables[table]
        opened.update_incremental()
        actions = pa.table(opened.get_add_actions(flatten=True)).to_pylist()
        return [
            HeldFile(
                path=unquote(a["path"]),
                product_type=a[f"partition.{PARTITION}"],
                size=a["size_bytes"],
                rows=a["num_records"],
                low=a["min.productId"],
                high=a["max.productId"],
                added=a["modification_time"] / 1000,
            )
            for a in actions
        ]

    def replaced_files(self, table: Table, grace: float) -> set[str]:
        """Return the paths of files that others took the place of, at least `grace` seconds ago.

        Delta counts in whole hours: so many as hold `grace`.
        """
        opened = self._tables[table]
        opened.update_incremental()
        hours = math.ceil(grace / 3600)
        gone = opened.vacuum(hours, dry_run=True, enforce_retention_duration=False, full=False)
        return {unquote(path) for path in gone}

    def kept_products(self) -> pa.Table:
        """Return numbers, types and counts of rows of the products of all versions still kept."""
        columns = ["productId", "productType", "nSpectra", "nStored"]
        names = [entry.name for entry in self.store.list(Table.PRODUCT.value)]
        # Those of the log's checkpoints lie in a folder of their own.
        own = [name for name in names if name.endswith(".parquet") and name.count("/") == 1]
        paths = [self.folder / name for name in own]
        self.store.localize(paths)
        schema = pa.schema([SCHEMAS[Table.PRODUCT].field(name) for name in columns])
        found = [schema.empty_table()]
        for path in paths:
            with pq.ParquetFile(path) as file:
                found.append(file.read(columns).cast(schema))
        # Files of several versions have the same products.
        return pa.concat_tables(found).group_by(columns).aggregate([])

    # Changing

    def commit(self, files: Sequence[DataFile], products: Sequence[ProductRecord]) -> int:
        """Add data files and products to the lake, and return the version that has them.

        A product replaces the one of the same URI, in one step.

        Raises
        ------
        LakeError
            If it cannot be written, or the process slept so long between two steps that what
            it wrote first may have been cleared away.
        """
        start = time.time()
        # Spectra first: where pixels are seen, so are the ranges of their spectra.
        for table in (Table.SPECTRUM, Table.PIXEL):
            self._add([file for file in files if file.table is table], table)
        if not products:
            return int(self._tables[Table.PRODUCT].version())
        if time.time() - start > GRACE_SECONDS / 2:
            raise LakeError("it was stopped for too long in the middle of a commit; run it again")
        rows = [product.as_dict() for product in products]
        return self._put(pa.Table.from_pylist(rows, schema=SCHEMAS[Table.PRODUCT]))

    def swap(self, table: Table, gone: Sequence["HeldFile"], new: Sequence[DataFile]) -> None:
        """Put files in the place of others that hold the same rows, or rows that nothing sees."""
        now = int(time.time() * 1000)
        removes = [
            RemoveAction(f.path, False, now, f.size, {PARTITION: f.product_type})  # noqa: FBT003
            for f in gone
        ]
        adds = [
            AddAction(f.path, f.size, {PARTITION: f.product_type}, now, False, f.stats)  # noqa: FBT003
            for f in new
        ]
        self._write(table, [*removes, *adds])

    def merge_products(self, keep_days: float) -> None:
        """Merge the files of products, and delete those that only older versions have.

        Parameters
        ----------
        keep_days
            For how many days a version can still be asked for once a newer one is there.
        """

        def merge(table: DeltaTable) -> None:
            if len(table.file_uris()) > 1:
                table.optimize.compact()

        self._with_retries(merge)
        table = self._tables[Table.PRODUCT]
        hours = math.ceil(keep_days * 24)
        if table.vacuum(hours, enforce_retention_duration=False, full=False):
            self._with_retries(
                lambda table: table.vacuum(
                    hours, dry_run=False, enforce_retention_duration=False, full=False
                )
            )

    def remove(self, uris: Sequence[str]) -> int:
        """Take products out of the lake, in one step; return its version then."""
        predicate = f"uri in ({_quoted(uris)})"
        self._with_retries(lambda table: table.delete(predicate))
        return int(self._tables[Table.PRODUCT].version())

    def _add(self, files: Sequence[DataFile], table: Table) -> None:
        if not files:
            return
        now = int(time.time() * 1000)
        self._write(
            table,
            [
                AddAction(f.path, f.size, {PARTITION: f.product_type}, now, True, f.stats)  # noqa: FBT003
                for f in files
            ],
        )

    def _write(self, table: Table, actions: Sequence[AddAction | RemoveAction]) -> None:
        with lake_errors():
            self._tables[table].create_write_transaction(
                list(actions), mode="append", schema=_delta_schema(table), partition_by=[PARTITION]
            )

    def _put(self, rows: pa.Table) -> int:
        uris = rows["uri"].to_pylist()

        def write(table: DeltaTable) -> None:
            write_deltalake(table, rows, mode="overwrite", predicate=f"uri in ({_quoted(uris)})")

        self._with_retries(write)
        return int(self._tables[Table.PRODUCT].version())

    def _with_retries(self, change: Any) -> None:  # noqa: ANN401 - a DeltaTable's change
        """Change the product table; where another writer came first, look again and redo it."""
        table = self._tables[Table.PRODUCT]
        for attempt in range(COMMIT_TRIES):
            try:
                with lake_errors(besides=CommitFailedError):
                    table.update_incremental()
                    change(table)
                    table.update_incremental()
            except CommitFailedError as error:
                if attempt == COMMIT_TRIES - 1:
                    raise LakeError(
                        "other writers kept changing the lake; run the command again"
                    ) from error
                time.sleep(0.05 * (attempt + 1))
            else:
                # What this process changed, it sees at once.
                self._looked = -math.inf
                return

    # Opening

    def _open_tables(self) -> None:
        self._opened = self._birth()
        check_format(self.store)
        self._tables = {table: self._open(table) for table in TABLES}
        self._check_columns()
        self._latest = None

    def _birth(self) -> FileInfo | None:
        """Return what tells this lake from one made anew in its place: its first commit's file."""
        try:
            return self.store.stat(commit_file(Table.PRODUCT, 0))
        except FileNotFoundError:
            return None

    def _path(self, table: Table) -> Path:
        return self.folder / table.value

    def _table(self, table: Table, version: int | None = None) -> DeltaTable:
        uri = self.store.uri(table.value)
        return DeltaTable(uri, version=version, storage_options=self.store.storage_options)

    def _create(self) -> None:
        with lake_errors("made"):
            write_format(self.store)
            for table in TABLES:
                self._create_table(table)

    def _create_table(self, table: Table) -> None:
        self._path(table).mkdir(parents=True, exist_ok=True)
        # If another process creates the table at the same time, Delta refuses the second attempt
        # or adds a commit that changes nothing.
        with contextlib.suppress(CommitFailedError):
            DeltaTable.create(
                self.store.uri(table.value),
                schema=_delta_schema(table),
                mode="ignore",
                partition_by=None if table is Table.PRODUCT else [PARTITION],
                name=table.value,
                configuration=CONFIGURATION,
                storage_options=self.store.storage_options,
            )

    def _open(self, table: Table) -> DeltaTable:
        try:
            return self._table(table)
        except (TableNotFoundError, FileNotFoundError) as error:
            raise LakeError(
                f"there is no lake at {self.store.address}: run `spectraldb ingest PATH...` first, "
                "or say where it is with --lake or SPECTRALDB_LAKE"
            ) from error

    def _check_columns(self) -> None:
        for table, opened in self._tables.items():
            names = {field.name for field in opened.schema().fields}
            if names != {field.name for field in _delta_schema(table).fields}:
                raise LakeError(
                    "the lake was made by another version of Spectral DB, with other columns: "
                    "ingest the files into a new one"
                )


def _delta_schema(table: Table) -> Schema:
    schema = SCHEMAS[table]
    if table is not Table.PRODUCT:
        schema = schema.append(pa.field(PARTITION, pa.string()))
    return Schema.from_arrow(schema)


def _paths(table: DeltaTable, folder: Path, folders: int = 0) -> tuple[str, ...]:
    """Return the paths of a table's files, which lie `folders` deep in its folder.

    Delta gives URIs, in which characters of the folder's path are encoded.
    """
    names = (uri.rsplit("/", folders + 1)[1:] for uri in table.file_uris())
    return tuple(str(folder.joinpath(*(unquote(part) for part in name))) for name in names)


def _quoted(values: Sequence[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
