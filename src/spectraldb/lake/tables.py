"""Creation and opening of the Delta tables of a lake."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, TableNotFoundError

from spectraldb.errors import LakeError
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.format import check_format, write_format
from spectraldb.lake.layout import PARTITION, TABLES, commit_file
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.storage.objects import FileInfo
from spectraldb.storage.store import Store

CONFIGURATION = {
    "delta.checkpointInterval": "50",
    # Longer than versions are kept by any setting, so that only deletion of files ends a version.
    "delta.logRetentionDuration": "interval 366 days",
}


@dataclass(frozen=True)
class LakeTables:
    """The open tables of one lake.

    Thread-safe.  Its tables are never exchanged.  A DeltaTable locks itself during a call, but
    another thread may update it to a newer version between two calls; see `files_of`.
    """

    tables: Mapping[Table, DeltaTable]
    created: FileInfo | None
    """First commit, which differs if another lake is created at the same location."""
    generation: int = 0
    """Number of times that the lake was replaced by a new one while it was open."""

    def __getitem__(self, table: Table) -> DeltaTable:
        return self.tables[table]


def create_tables(store: Store) -> None:
    """Create those tables of a lake that do not exist.

    Raises
    ------
    LakeError
        If the tables cannot be created, or a lake with another format exists.
    """
    with lake_errors("created"):
        write_format(store)
        for table in TABLES:
            _create_table(store, table)


def _create_table(store: Store, table: Table) -> None:
    (store.folder / table.value).mkdir(parents=True, exist_ok=True)
    # If another process creates the table at the same time, Delta either raises an error or adds a
    # commit that changes nothing.
    with contextlib.suppress(CommitFailedError):
        DeltaTable.create(
            store.uri(table.value),
            schema=delta_schema(table),
            mode="ignore",
            partition_by=None if table is Table.PRODUCT else [PARTITION],
            name=table.value,
            configuration=CONFIGURATION,
            storage_options=store.storage_options,
        )


def open_tables(store: Store, generation: int = 0) -> LakeTables:
    """Open the tables of a lake.

    Raises
    ------
    LakeError
        If the lake does not exist, or has another format or other columns.
    """
    created = first_commit(store)
    check_format(store)
    tables = {table: _open_table(store, table) for table in TABLES}
    for table, opened in tables.items():
        _check_columns(table, opened)
    return LakeTables(MappingProxyType(tables), created, generation)


def first_commit(store: Store) -> FileInfo | None:
    """Return the first commit of a lake, which identifies it at its location, or None."""
    try:
        return store.stat(commit_file(Table.PRODUCT, 0))
    except FileNotFoundError:
        return None


def open_version(store: Store, table: Table, version: int | None = None) -> DeltaTable:
    """Open a table at a version, by default the newest; raise errors of DeltaTable unchanged."""
    return DeltaTable(
        store.uri(table.value), version=version, storage_options=store.storage_options
    )


def _open_table(store: Store, table: Table) -> DeltaTable:
    try:
        return open_version(store, table)
    except (TableNotFoundError, FileNotFoundError) as error:
        raise LakeError(
            f"{store.address}: No lake found. Create one with `spectraldb ingest PATH...`, or "
            "specify its location with --lake or SPECTRALDB_LAKE."
        ) from error


def _check_columns(table: Table, opened: DeltaTable) -> None:
    names = {field.name for field in opened.schema().fields}
    if names != {field.name for field in delta_schema(table).fields}:
        raise LakeError(
            "The lake was created by another version of Spectral DB and has other columns. "
            "Ingest its files again, into a new lake, with `spectraldb ingest`."
        )


def delta_schema(table: Table) -> Schema:
    """Return the schema of a table, including its partition column."""
    schema = SCHEMAS[table]
    if table is not Table.PRODUCT:
        schema = schema.append(pa.field(PARTITION, pa.string()))
    return Schema.from_arrow(schema)


def files_of(opened: DeltaTable, folder: Path, depth: int = 0) -> tuple[int, tuple[str, ...]]:
    """Return the version of a table and the paths of its files at that version.

    Parameters
    ----------
    opened
        The table, which another thread may update at the same time.
    folder
        Local folder of the table.
    depth
        Number of folder levels between `folder` and the files.
    """
    while True:
        version = opened.version()
        uris = opened.file_uris()
        if opened.version() == version:
            return version, tuple(_path(uri, folder, depth) for uri in uris)


def _path(uri: str, folder: Path, depth: int) -> str:
    """Return the local path of a file from its URI, in which special characters are escaped."""
    return local_path("/".join(uri.rsplit("/", depth + 1)[1:]), folder)


def local_path(path: str, folder: Path) -> str:
    """Return the local path of a file from its escaped path in the folder of its table."""
    # A lake can have 100,000 files, and joining with pathlib takes 20 times as long.
    parts = path.split("/")
    return os.sep.join([str(folder), *(map(unquote, parts) if "%" in path else parts)])  # noqa: PTH118 - fast
