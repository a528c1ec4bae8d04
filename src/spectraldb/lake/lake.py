"""The lake: three Delta tables, and the commits that change them.

A product becomes visible with the commit of its row in DataProduct, which every search joins
from; its spectra and pixels were committed before.  A crash in between leaves rows that nothing
can see.
"""

import json
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, Schema, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from spectraldb.derive.rows import SCHEMAS
from spectraldb.errors import LakeError, NotHeldError
from spectraldb.lake.files import PARTITION, DataFile
from spectraldb.vocabulary import Table

COMMIT_TRIES = 20
Row = dict[str, Any]
TABLES = (Table.PIXEL, Table.SPECTRUM, Table.PRODUCT)

CONFIGURATION = {
    "delta.checkpointInterval": "50",
    # Longer than any setting keeps versions: what ends them is that their files are deleted.
    "delta.logRetentionDuration": "interval 366 days",
}

GRACE_SECONDS = 900.0
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
    added: float
    """When it became part of the table, in seconds since 1970."""


class Lake:
    """A lake in a folder.

    Parameters
    ----------
    place
        The folder.
    create
        Whether to make the lake if there is none.

    Raises
    ------
    LakeError
        If there is no lake and none is to be made, or it is of another format.
    """

    def __init__(self, place: Path, *, create: bool = False) -> None:
        self.place = place.absolute()
        if odd := [c for c in "%[]\\" if c in str(self.place)]:
            raise LakeError(
                f"a lake cannot lie in a folder with {' or '.join(odd)} in its path: "
                f"{self.place}; choose another with --lake"
            )
        if create:
            self._create()
        self._lock = threading.Lock()
        self._latest: Snapshot | None = None
        self._versions: list[int] = []
        self._generation = 0
        self._open_tables()

    @property
    def copies(self) -> Path:
        """The folder for files that are kept inside of the lake."""
        return self.place / "files"

    # Reading

    def snapshot(self, version: int | None = None) -> Snapshot:
        """Return the newest version of the lake, or an older one that is still kept.

        The product table is read first: spectra and pixels of a product that it holds were
        committed earlier, and rows are never changed, so that the newest files of those two
        tables serve every version.
        """
        with self._lock:
            newest = self._newest()
            if version is None or version == newest.version:
                return newest
        if version > newest.version:
            raise NotHeldError(f"the lake has no version {version}; its newest is {newest.version}")
        products = self._older(version)
        if products is None:
            raise NotHeldError(
                f"the lake has no version {version} any more; its newest is {newest.version}"
            )
        return replace(newest, version=version, products=products)

    def _older(self, version: int) -> tuple[str, ...] | None:
        """Return the files of products of an older version; None if it is no longer kept."""
        try:
            older = DeltaTable(self._uri(Table.PRODUCT), version=version)
        except DeltaError:
            return None
        paths = _paths(older, self._path(Table.PRODUCT))
        return paths if all(Path(path).exists() for path in paths) else None

    def oldest_version(self) -> int:
        """Return the oldest version since which every one can still be asked for."""
        for version in range(self.snapshot().version, 0, -1):
            if not all((self._path(Table.PRODUCT) / name).exists() for name in self._gone(version)):
                return version
        return 0

    def _gone(self, version: int) -> list[str]:
        """Return the files of products that the versions before had and this one has not."""
        log = self._path(Table.PRODUCT) / "_delta_log" / f"{version:020}.json"
        actions = (json.loads(line) for line in log.read_text().splitlines())
        return [unquote(action["remove"]["path"]) for action in actions if "remove" in action]

    def _newest(self) -> Snapshot:
        if self._birth() != self._opened:
            self._generation += 1
            self._open_tables()
        # Products first: spectra and pixels of those that are seen were committed before.
        versions = [self._updated(table) for table in reversed(TABLES)]
        if self._latest is None or self._versions != versions:
            self._latest, self._versions = self._take(), versions
        return self._latest

    def _updated(self, table: Table) -> int:
        """Take in the newest commits to a table and return its version.

        Looking for the file of the next commit takes a hundredth of the time of asking Delta.
        """
        opened = self._tables[table]
        following = self._path(table) / "_delta_log" / f"{opened.version() + 1:020}.json"
        if following.exists():
            opened.update_incremental()
        return int(opened.version())

    def _take(self) -> Snapshot:
        products = self._tables[Table.PRODUCT]
        return Snapshot(
            version=products.version(),
            generation=self._generation,
            products=_paths(products, self._path(Table.PRODUCT)),
            spectra=self._by_type(Table.SPECTRUM),
            pixels=self._by_type(Table.PIXEL),
        )

    def _by_type(self, table: Table) -> dict[str, tuple[str, ...]]:
        files: dict[str, list[str]] = {}
        for path in _paths(self._tables[table], self._path(table), folders=1):
            product_type = Path(path).parent.name.removeprefix(f"{PARTITION}=")
            files.setdefault(product_type, []).append(path)
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
                added=a["modification_time"] / 1000,
            )
            for a in actions
        ]

    def replaced_files(self, table: Table) -> set[Path]:
        """Return the files that others took the place of, and that are still there."""
        opened = self._tables[table]
        opened.update_incremental()
        gone = opened.vacuum(0, dry_run=True, enforce_retention_duration=False)
        return {self._path(table) / unquote(path) for path in gone}

    def kept_products(self) -> frozenset[int]:
        """Return the numbers of the products of all versions that are still kept."""
        numbers: set[int] = set()
        for path in self._path(Table.PRODUCT).glob("*.parquet"):
            with pq.ParquetFile(path) as file:
                numbers.update(file.read(["productId"])["productId"].to_pylist())
        return frozenset(numbers)

    # Changing

    def commit(self, files: Sequence[DataFile], rows: Sequence[Row]) -> int:
        """Take files and product rows into the lake; return its version then.

        A row replaces the one of the same URI, in one step.

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
        if not rows:
            return int(self._tables[Table.PRODUCT].version())
        if time.time() - start > GRACE_SECONDS / 2:
            raise LakeError("it was stopped for too long in the middle of a commit; run it again")
        return self._put(pa.Table.from_pylist(list(rows), schema=SCHEMAS[Table.PRODUCT]))

    def swap(self, table: Table, gone: Sequence["HeldFile"], new: Sequence[DataFile]) -> None:
        """Put files in the place of others that hold the same rows, or rows that nothing sees.

        The time of modification of those others tells from then on when they were replaced.
        """
        for file in gone:
            (self._path(table) / file.path).touch()
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
            self._with_retries(lambda table: table.vacuum(
                hours, dry_run=False, enforce_retention_duration=False, full=False
            ))  # fmt: skip

    def remove(self, uris: Sequence[str]) -> int:
        """Take products out of the lake, in one step; return its version then."""
        predicate = f"uri in ({_quoted(uris)})"
        self._with_retries(lambda table: table.delete(predicate))
        return int(self._tables[Table.PRODUCT].version())

    def _add(self, files: Sequence[DataFile], table: Table) -> None:
        if not files:
            return
        now = int(time.time() * 1000)
        self._write(table, [
            AddAction(f.path, f.size, {PARTITION: f.product_type}, now, True, f.stats)  # noqa: FBT003
            for f in files
        ])  # fmt: skip

    def _write(self, table: Table, actions: Sequence[AddAction | RemoveAction]) -> None:
        try:
            self._tables[table].create_write_transaction(
                list(actions), mode="append", schema=_delta_schema(table), partition_by=[PARTITION]
            )
        except (DeltaError, OSError) as error:
            raise LakeError(f"the lake cannot be written: {error}") from error

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
            table.update_incremental()
            try:
                change(table)
            except CommitFailedError as error:
                if attempt == COMMIT_TRIES - 1:
                    raise LakeError(
                        "other writers kept changing the lake; run the command again"
                    ) from error
                time.sleep(0.05 * (attempt + 1))
            except (DeltaError, OSError) as error:
                raise LakeError(f"the lake cannot be written: {error}") from error
            else:
                table.update_incremental()
                return

    # Opening

    def _open_tables(self) -> None:
        self._opened = self._birth()
        self._tables = {table: self._open(table) for table in TABLES}
        self._check_format()
        self._latest = None

    def _birth(self) -> tuple[int, int]:
        """Return what tells this lake from one made anew in its place: its first commit's file."""
        try:
            status = (self._path(Table.PRODUCT) / "_delta_log" / f"{0:020}.json").stat()
        except OSError:
            return 0, 0
        return status.st_ino, status.st_mtime_ns

    def _path(self, table: Table) -> Path:
        return self.place / table.value

    def _uri(self, table: Table) -> str:
        # As a URI, so that no character of the path is taken for anything else.
        return self._path(table).as_uri()

    def _create(self) -> None:
        try:
            for table in TABLES:
                (self.place / table.value).mkdir(parents=True, exist_ok=True)
                DeltaTable.create(
                    self._uri(table),
                    schema=_delta_schema(table),
                    mode="ignore",
                    partition_by=None if table is Table.PRODUCT else [PARTITION],
                    name=table.value,
                    configuration=CONFIGURATION,
                )
        except OSError as error:
            raise LakeError(f"the lake cannot be made: {error}") from error

    def _open(self, table: Table) -> DeltaTable:
        try:
            return DeltaTable(self._uri(table))
        except (TableNotFoundError, OSError) as error:
            raise LakeError(
                f"there is no lake at {self.place}: run `spectraldb ingest PATH...` first, or say "
                "where it is with --lake or SPECTRALDB_LAKE"
            ) from error

    def _check_format(self) -> None:
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
