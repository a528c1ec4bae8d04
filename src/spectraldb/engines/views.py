"""DuckDB views over the Parquet files of the lake, in one schema per set of files."""

import re
import threading
from collections import OrderedDict

import duckdb

from spectraldb.lake.layout import TABLES
from spectraldb.lake.snapshot import Snapshot
from spectraldb.schema.arrow import SCHEMAS, SQL_TYPES
from spectraldb.schema.tables import Table

MAX_SCHEMAS = 16
"""Maximum number of schemas; the least recently used one is dropped first."""

TableFiles = dict[Table, list[str]]
"""Paths of the Parquet files of each table."""


class Views:
    """Schemas with the views DataProduct, SpectralCharacteristics and SpectralPixel.

    The class is thread-safe: a lock guards the schemas and the connection.

    Parameters
    ----------
    connection
        The connection in which the schemas are created.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._schemas: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._n_created = 0
        self._lock = threading.Lock()

    def schema(self, generation: int, files: TableFiles) -> str:
        """Return the name of a schema with views over files; create it if necessary.

        The files must exist, because DuckDB reads their metadata when it creates a view.

        Parameters
        ----------
        generation
            Generation of the snapshot; schemas of different generations are separate.
        files
            The files of each table.
        """
        key = (generation, *((table, tuple(paths)) for table, paths in files.items()))
        with self._lock:
            if key not in self._schemas:
                self._schemas[key] = self._create(files)
            self._schemas.move_to_end(key)
            while len(self._schemas) > MAX_SCHEMAS:
                _, oldest = self._schemas.popitem(last=False)
                self._connection.execute(f"drop schema {oldest} cascade")
            return self._schemas[key]

    def _create(self, files: TableFiles) -> str:
        self._n_created += 1
        schema = f"version_{self._n_created}"
        self._connection.execute(f"create schema {schema}")
        for table, paths in files.items():
            reading = reading_sql(table, paths)
            self._connection.execute(f"create view {schema}.{table.value} as {reading}")
        return schema


def tables_in(sql: str) -> frozenset[Table]:
    """Return the tables that SQL refers to."""
    return frozenset(table for table in TABLES if table.value in sql)


def table_files(
    snapshot: Snapshot, product_types: frozenset[str], tables: frozenset[Table]
) -> TableFiles:
    """Return the files of tables, restricted to product types."""
    files = {
        Table.PRODUCT: list(snapshot.products),
        Table.SPECTRUM: [f for t in sorted(product_types) for f in snapshot.spectra.get(t, ())],
        Table.PIXEL: [f for t in sorted(product_types) for f in snapshot.pixels.get(t, ())],
    }
    return {table: files[table] for table in TABLES if table in tables}


def reading_sql(table: Table, files: list[str], names: list[str] | None = None) -> str:
    """Return SQL that reads Parquet files; without files, it returns no rows.

    Parameters
    ----------
    table
        The table to which the files belong.
    files
        Paths of the files.
    names
        Columns to read; None for all.
    """
    names = names or SCHEMAS[table].names
    columns = ", ".join(f'"{name}"' for name in names)
    if files:
        listed = ", ".join("'" + _escape_glob(file).replace("'", "''") + "'" for file in files)
        return f"select {columns} from read_parquet([{listed}], hive_partitioning = false)"  # noqa: S608 - paths are quoted
    empty = ", ".join(
        f'null::{SQL_TYPES[f.type]} as "{f.name}"' for f in SCHEMAS[table] if f.name in names
    )
    return f"select {empty} where false"


def _escape_glob(path: str) -> str:
    """Return a glob pattern that matches only a path."""
    return re.sub(r"[\[*?]", r"[\g<0>]", path)
