"""Versions of a lake: the newest, including commits by other processes, and older ones."""

import json
import math
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from spectraldb.errors import LakeError, NotHeldError
from spectraldb.lake.changes import Additions, read_additions
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.file_statistics import FileStatistics
from spectraldb.lake.layout import commit_file, product_type_of
from spectraldb.lake.tables import (
    LakeTables,
    files_of,
    first_commit,
    local_path,
    open_tables,
    open_version,
)
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store


@dataclass(frozen=True)
class Snapshot:
    """The files of one version of the lake."""

    version: int
    generation: int
    """Number of times that the lake was replaced by a new one while it was open."""
    products: tuple[str, ...]
    """Paths of the files of DataProduct."""
    spectra: dict[str, tuple[str, ...]]
    """Paths of the files of SpectralCharacteristics, by product type."""
    pixels: dict[str, tuple[str, ...]]
    """Paths of the files of SpectralPixel, by product type."""
    statistics: FileStatistics = field(default_factory=FileStatistics, compare=False, repr=False)
    """Minima and maxima of the columns of `pixels`."""


class SnapshotReader:
    """Reader of the newest version of a lake, and of older ones.

    Thread-safe.  One thread at a time checks for new commits, while it holds a lock; the others
    wait for its result or its error.  `tables` can be read without the lock, because it is a single
    reference to a consistent set of tables, which is only replaced as a whole.

    Parameters
    ----------
    store
        The files of the lake.

    Raises
    ------
    LakeError
        If the lake does not exist, or has another format.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        with lake_errors("read"):
            self._tables = open_tables(store)
        self._lock = threading.Lock()
        self._latest: Snapshot | None = None
        self._latest_versions: Mapping[Table, int] = {}
        self._refreshed = -math.inf
        self._failure, self._failed = "", -math.inf

    @property
    def tables(self) -> LakeTables:
        """The tables that were opened last."""
        return self._tables

    def newest(self) -> Snapshot:
        """Return the newest version, at most `Store.stale_seconds` old.

        Raises
        ------
        LakeError
            If the lake cannot be read.  For `Store.stale_seconds`, further calls raise the same
            error without a new attempt.
        """
        with self._lock:
            if time.monotonic() - self._failed < self._store.stale_seconds:
                raise LakeError(self._failure)
            try:
                with lake_errors("read"):
                    return self._refresh()
            except LakeError as error:
                self._failure, self._failed = str(error), time.monotonic()
                raise

    def invalidate(self) -> None:
        """Make the next call check for new commits, because this process made one."""
        with self._lock:
            self._refreshed = -math.inf

    def at(self, version: int) -> Snapshot:
        """Return a specified version.

        It uses the newest files of spectra and pixels: these contain the rows of all available
        versions, because rows never change and are committed before their product.

        Raises
        ------
        LakeError
            If the lake cannot be read.
        NotHeldError
            If the version does not exist or is no longer available.
        """
        newest = self.newest()
        if version == newest.version:
            return newest
        if version > newest.version:
            raise NotHeldError(
                f"version: The lake has no version {version}. The newest is {newest.version}."
            )
        with lake_errors("read"):
            products = self._products_at(version)
        if products is None:
            raise NotHeldError(
                f"version: Version {version} of the lake is no longer available. "
                f"The newest is {newest.version}."
            )
        return replace(newest, version=version, products=products)

    def oldest_version(self) -> int:
        """Return the oldest version such that it and all newer versions are available."""
        for version in range(self.newest().version, 0, -1):
            if not all(map(self._exists, self._removed_by(version))):
                return version
        return 0

    def _products_at(self, version: int) -> tuple[str, ...] | None:
        """Return the files of DataProduct at a version, or None if it is no longer available."""
        try:
            older = open_version(self._store, Table.PRODUCT, version)
        except DeltaError:
            return None
        _, paths = files_of(older, self._folder(Table.PRODUCT))
        return paths if all(self._exists(Path(path).name) for path in paths) else None

    def _removed_by(self, version: int) -> list[str]:
        """Return the names of the files that a commit removed from DataProduct."""
        log = self._store.get(commit_file(Table.PRODUCT, version))
        actions = (json.loads(line) for line in log.splitlines())
        return [unquote(action["remove"]["path"]) for action in actions if "remove" in action]

    def _exists(self, name: str) -> bool:
        """Return whether a file of DataProduct exists."""
        return self._store.exists(f"{Table.PRODUCT.value}/{name}")

    def _refresh(self) -> Snapshot:
        """Return the newest version; the caller holds the lock."""
        if self._latest and time.monotonic() - self._refreshed < self._store.stale_seconds:
            return self._latest
        if first_commit(self._store) != self._tables.created:
            self._tables = open_tables(self._store, self._tables.generation + 1)
            self._latest = None
        # Products first, because their spectra and pixels are committed before them.
        tables = (Table.PRODUCT, Table.SPECTRUM, Table.PIXEL)
        versions = {table: self._update(table) for table in tables}
        if self._latest is None or self._latest_versions != versions:
            self._latest = self._later(versions) or self._take_snapshot()
            self._latest_versions = {
                **versions,
                Table.PRODUCT: self._latest.version,
            }
        self._refreshed = time.monotonic()
        return self._latest

    def _update(self, table: Table) -> int:
        """Read the new commits of a table, and return its version.

        Checking for the file of the next commit takes a hundredth of the time of an update by
        Delta.
        """
        opened = self._tables[table]
        if self._store.exists(commit_file(table, opened.version() + 1)):
            opened.update_incremental()
        return int(opened.version())

    def _later(self, versions: Mapping[Table, int]) -> Snapshot | None:
        """Return the last version with the files that later commits added.

        None if there is no last version, or if commits did more than add files.
        """
        latest, known = self._latest, self._latest_versions
        if latest is None:
            return None
        added = {
            table: read_additions(self._store, table, known[table] + 1, version)
            for table, version in versions.items()
        }
        products, spectra, pixels = (
            added[table] for table in (Table.PRODUCT, Table.SPECTRUM, Table.PIXEL)
        )
        if products is None or spectra is None or pixels is None:
            return None
        statistics = latest.statistics
        if pixels.actions:
            statistics = statistics.with_files(pixels.flattened)
        paths = [local_path(path, self._folder(Table.PRODUCT)) for path in products.paths]
        return replace(
            latest,
            version=versions[Table.PRODUCT],
            products=(*latest.products, *paths),
            spectra=self._with_files(latest.spectra, Table.SPECTRUM, spectra),
            pixels=self._with_files(latest.pixels, Table.PIXEL, pixels),
            statistics=statistics,
        )

    def _with_files(
        self, files: dict[str, tuple[str, ...]], table: Table, added: Additions
    ) -> dict[str, tuple[str, ...]]:
        paths = [local_path(path, self._folder(table)) for path in added.paths]
        more = _by_type(paths)
        return files | {
            each: tuple(sorted([*files.get(each, ()), *new])) for each, new in more.items()
        }

    def _take_snapshot(self) -> Snapshot:
        version, products = files_of(self._tables[Table.PRODUCT], self._folder(Table.PRODUCT))
        return Snapshot(
            version=version,
            generation=self._tables.generation,
            products=products,
            spectra=self._files_by_type(Table.SPECTRUM),
            pixels=self._files_by_type(Table.PIXEL),
            statistics=_statistics(self._tables[Table.PIXEL]),
        )

    def _files_by_type(self, table: Table) -> dict[str, tuple[str, ...]]:
        """Return the files of a table by product type, sorted by name."""
        _, paths = files_of(self._tables[table], self._folder(table), depth=1)
        return _by_type(paths)

    def _folder(self, table: Table) -> Path:
        return self._store.folder / table.value


def _by_type(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return paths by product type, sorted."""
    files: dict[str, list[str]] = {}
    for path in paths:
        files.setdefault(product_type_of(path), []).append(path)
    return {product_type: tuple(sorted(each)) for product_type, each in files.items()}


def _statistics(pixels: DeltaTable) -> FileStatistics:
    return FileStatistics.of(pa.table(pixels.get_add_actions(flatten=True)))
