"""Versions of the lake as schemas of views over its Parquet files."""

import re
import threading
from collections import OrderedDict

import duckdb

from spectraldb.lake.layout import TABLES
from spectraldb.lake.snapshot import Snapshot
from spectraldb.schema.arrow import SCHEMAS, SQL_TYPES
from spectraldb.schema.tables import Table

MAX_SCHEMAS = 16

TableFiles = dict[Table, list[str]]


class Views:
    """Schemas of the views DataProduct, SpectralCharacteristics and SpectralPixel.

    Threads share it: a lock guards the table of schemas and the connection.

    Parameters
    ----------
    connection
        The connection that they belong to.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._schemas: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._n_created = 0
        self._lock = threading.Lock()

    def schema(self, generation: int, files: TableFiles) -> str:
        """Return the name of the schema of tables, each with its files.

        The files have to exist: DuckDB reads their metadata when it creates a view.
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
    """Return the tables that SQL names."""
    return frozenset(table for table in TABLES if table.value in sql)


def table_files(
    snapshot: Snapshot, product_types: frozenset[str], tables: frozenset[Table]
) -> TableFiles:
    """Return the files of tables for some product types."""
    files = {
        Table.PRODUCT: list(snapshot.products),
        Table.SPECTRUM: [f for t in sorted(product_types) for f in snapshot.spectra.get(t, ())],
        Table.PIXEL: [f for t in sorted(product_types) for f in snapshot.pixels.get(t, ())],
    }
    return {table: files[table] for table in TABLES if table in tables}


def reading_sql(table: Table, files: list[str], names: list[str] | None = None) -> str:
    """Return SQL that reads Parquet files; no files are a table without rows.

    Parameters
    ----------
    table
        The table that they are part of.
    files
        Their paths.
    names
        The columns to read; all if None.
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
    """Return a path as a pattern that matches it alone."""
    return re.sub(r"[\[*?]", r"[\g<0>]", path)
