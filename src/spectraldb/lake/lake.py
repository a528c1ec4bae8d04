"""A lake: three Delta tables, and the commits that change them.

The spectra and pixels of a product are committed first.  The commit of its row in DataProduct, with
which every search joins, makes it visible.  A crash in between leaves rows that no search returns.
"""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

from spectraldb.errors import LakeError
from spectraldb.lake.data_files import DataFile
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.layout import PARTITION
from spectraldb.lake.record import ProductRecord
from spectraldb.lake.snapshot import Snapshot, SnapshotReader
from spectraldb.lake.table_files import (
    TableFile,
    add_actions,
    list_replaced_files,
    list_table_files,
    remove_actions,
)
from spectraldb.lake.tables import create_tables, delta_schema
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store

MAX_ATTEMPTS = 20
"""Maximum number of attempts to commit to DataProduct while other processes commit too."""

GRACE_SECONDS = 3600.0
"""Time for which files are kept that a running search or ingest may still use."""


class Lake:
    """A lake in a folder or a bucket.

    Thread-safe, and other processes may change the lake at any time.  Its only state is its
    `SnapshotReader`, which has a lock.  Each operation gets the tables from it once, so that all
    steps use the same lake even if it is replaced by a new one meanwhile.  Delta isolates commits
    of threads and processes.

    Parameters
    ----------
    store
        The files of the lake.
    create
        Whether to create the lake if it does not exist.

    Raises
    ------
    LakeError
        If the lake does not exist and `create` is false, or if it has another format.
    """

    def __init__(self, store: Store, *, create: bool = False) -> None:
        self.store = store
        if create:
            create_tables(store)
        self._snapshots = SnapshotReader(store)

    @property
    def folder(self) -> Path:
        """Local folder of the lake; for a lake in a bucket, its folder in the cache."""
        return self.store.folder

    # Reading

    def snapshot(self, version: int | None = None) -> Snapshot:
        """Return the newest version of the lake, or a specified one.

        Raises
        ------
        LakeError
            If the lake cannot be read.
        NotHeldError
            If the version does not exist or is no longer available.
        """
        return self._snapshots.newest() if version is None else self._snapshots.at(version)

    def oldest_version(self) -> int:
        """Return the oldest version such that it and all newer versions are available."""
        return self._snapshots.oldest_version()

    def table_files(self, table: Table) -> list[TableFile]:
        """Return the current files of SpectralCharacteristics or SpectralPixel."""
        return list_table_files(self._snapshots.tables[table])

    def replaced_files(self, table: Table, grace: float) -> set[str]:
        """Return the paths of files that were replaced at least `grace` seconds ago."""
        return list_replaced_files(self._snapshots.tables[table], grace)

    # Changing

    def commit(self, files: Sequence[DataFile], products: Sequence[ProductRecord]) -> int:
        """Add data files and products to the lake, and return the version that includes them.

        A product atomically replaces the one with the same URI.

        Raises
        ------
        LakeError
            If the lake cannot be written, or the process was suspended between two steps for so
            long that `optimize` may have dropped rows that the first step added.
        """
        start = time.time()
        tables = self._snapshots.tables
        # Spectra first, so that visible pixels always have the ranges of their spectra.
        for table in (Table.SPECTRUM, Table.PIXEL):
            new = [file for file in files if file.table is table]
            if new:
                _write(tables[table], table, add_actions(new, data_change=True))
        if not products:
            return int(tables[Table.PRODUCT].version())
        if time.time() - start > GRACE_SECONDS / 2:
            raise LakeError("The process was suspended for too long during a commit. Run it again.")
        rows = [product.as_dict() for product in products]
        return self._replace_products(pa.Table.from_pylist(rows, schema=SCHEMAS[Table.PRODUCT]))

    def replace_files(
        self, table: Table, old: Sequence[TableFile], new: Sequence[DataFile]
    ) -> None:
        """Replace files of a table by files with the same rows, apart from orphans."""
        removals = remove_actions(old, data_change=False)
        additions = add_actions(new, data_change=False)
        _write(self._snapshots.tables[table], table, [*removals, *additions])

    def compact_products(self, keep_days: float) -> None:
        """Merge the files of DataProduct, and delete those that only expired versions use.

        Parameters
        ----------
        keep_days
            Number of days for which a version remains available after it was replaced.
        """

        def merge(table: DeltaTable) -> None:
            if len(table.file_uris()) > 1:
                table.optimize.compact()

        def vacuum(table: DeltaTable, *, dry_run: bool = False) -> list[str]:
            return table.vacuum(
                math.ceil(keep_days * 24),
                dry_run=dry_run,
                enforce_retention_duration=False,
                full=False,
            )

        self._change_products(merge)
        if vacuum(self._snapshots.tables[Table.PRODUCT], dry_run=True):
            self._change_products(vacuum)

    def remove(self, uris: Sequence[str]) -> int:
        """Remove products atomically, and return the version without them."""
        predicate = f"uri in ({_quoted(uris)})"
        return self._change_products(lambda table: table.delete(predicate))

    def _replace_products(self, rows: pa.Table) -> int:
        predicate = f"uri in ({_quoted(rows['uri'].to_pylist())})"
        return self._change_products(
            lambda table: write_deltalake(table, rows, mode="overwrite", predicate=predicate)
        )

    def _change_products(self, change: Callable[[DeltaTable], object]) -> int:
        """Commit a change to DataProduct, and return its version.

        If another writer commits first, the change is repeated on the newer version.
        """
        table = self._snapshots.tables[Table.PRODUCT]
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                with lake_errors(besides=CommitFailedError):
                    table.update_incremental()
                    change(table)
                    table.update_incremental()
            except CommitFailedError as error:
                if attempt == MAX_ATTEMPTS:
                    raise LakeError(
                        "Other processes kept changing the lake. Run the command again."
                    ) from error
                time.sleep(0.05 * attempt)
            else:
                break
        self._snapshots.invalidate()
        return int(table.version())


def _write(opened: DeltaTable, table: Table, actions: Sequence[AddAction | RemoveAction]) -> None:
    with lake_errors():
        opened.create_write_transaction(
            list(actions), mode="append", schema=delta_schema(table), partition_by=[PARTITION]
        )


def _quoted(values: Sequence[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
