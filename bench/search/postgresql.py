"""PostgreSQL with the rows of a lake: three tables, with b-trees on the searched columns."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import Any

import pyarrow as pa

from bench.cpu import tree_seconds
from bench.lake import folder_size
from bench.search import copying, rows
from bench.search.contender import Contender, Rows
from bench.search.home import Home
from bench.search.postgres import PostgresServer
from bench.search.question import Question
from spectraldb.service.service import Service

_TYPES = {
    pa.int64(): "bigint",
    pa.int32(): "integer",
    pa.string(): "text",
    pa.float64(): "double precision",
    pa.bool_(): "boolean",
}
PIECE = 2**16
"""Bytes per call of the driver. It copies the rest of a larger piece at every step."""
_INDEXES = (
    "alter table products add primary key (productId)",
    "alter table spectra add primary key (productId, spectrum)",
    "create index on products (fileName)",
    "create index on spectra (derSnr)",
    "create index on pixels (productId, spectrum, pixel) include (x, wavelength, flux)",
    "create index on pixels (wavelength)",
    "create index on pixels (flux)",
    "create index on pixels ((flux / nullif(fluxErr, 0)))",
)


def postgresql(home: Home, service: Service, stack: ExitStack) -> Contender:
    """Return PostgreSQL with the rows of a lake."""
    server = stack.enter_context(PostgresServer(home.folder))
    connection = stack.enter_context(server.connect())
    seconds = home.fill(lambda: _load(connection, service))

    def ask(question: Question) -> Rows:
        found: Rows = connection.execute(question.sql_for("PostgreSQL"), binary=True).fetchall()
        return found

    version = connection.info.server_version
    name = f"PostgreSQL {version // 10000}.{version % 10000}"
    return Contender(
        name,
        ask,
        cpu=lambda: tree_seconds(server.pid),
        loaded=seconds,
        size=folder_size(home.folder),
    )


def _load(connection: Any, service: Service) -> None:  # noqa: ANN401 - its package has no types
    for table in rows.COLUMNS:
        _copy(connection, table, rows.parts(service, table))
    for statement in (*_INDEXES, "vacuum analyze"):
        connection.execute(statement)


def _copy(connection: Any, table: str, parts: Iterator[pa.Table]) -> None:  # noqa: ANN401 - its package has no types
    """Create and fill a table in one transaction, so that nothing is written to the log."""
    first = next(parts)
    columns = ", ".join(f"{field.name} {_TYPES[field.type]}" for field in first.schema)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(f"create table {table} ({columns})")
        is_text = pa.string() in first.schema.types
        form = "csv" if is_text else "binary"
        with cursor.copy(f"copy {table} from stdin (freeze, format {form})") as copy:
            for text in _texts(chain([first], parts), is_text=is_text):
                for start in range(0, len(text), PIECE):
                    copy.write(text[start : start + PIECE])


def _texts(parts: Iterable[pa.Table], *, is_text: bool) -> Iterator[bytes]:
    if is_text:
        yield from map(copying.csv, parts)
        return
    yield copying.START
    yield from map(copying.binary, parts)
    yield copying.END
