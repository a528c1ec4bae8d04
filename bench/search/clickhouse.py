"""Embedded ClickHouse (chDB) with MergeTree tables.

The pixels are ordered by wavelength, and have projections ordered by product and by flux.
"""

import importlib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench.search import rows
from bench.search.contender import Contender, NotInstalledError
from bench.search.home import Home
from bench.search.question import Question
from spectraldb.service.service import Service

_TYPES = {
    pa.int64(): "Int64",
    pa.int32(): "Int32",
    pa.float64(): "Float64",
    pa.string(): "String",
    pa.bool_(): "Bool",
}
_ORDER = {"pixels": "wavelength", "spectra": "productId, spectrum", "products": "productId"}
_PROJECTIONS = {"by_product": "productId, spectrum, pixel", "by_flux": "flux"}


def clickhouse(home: Home, service: Service, stack: ExitStack) -> Contender:
    """Return ClickHouse with the rows of a lake."""
    session = _session(home.folder)
    stack.callback(session.close)
    seconds = home.fill(lambda: _load(session, service))
    session.query("use bench")

    def ask(question: Question) -> pa.Table:
        return session.query(question.sql_for("ClickHouse"), "ArrowTable")

    version = session.query("select version()", "ArrowTable")[0][0].as_py()
    return Contender(f"ClickHouse {version}", ask, loaded=seconds, size=_size(session))


def _size(session: Any) -> int:  # noqa: ANN401 - its package has no types
    """Return the size of the tables in bytes, without obsolete parts that await deletion."""
    sql = "select sum(bytes_on_disk) from system.parts where active and database = 'bench'"
    return int(session.query(sql, "ArrowTable")[0][0].as_py())


def _session(folder: Path) -> Any:  # noqa: ANN401 - an optional library
    try:
        return importlib.import_module("chdb.session").Session(str(folder))
    except ModuleNotFoundError as error:
        raise NotInstalledError("ClickHouse: pip install chdb") from error


def _load(session: Any, service: Service) -> None:  # noqa: ANN401 - its package has no types
    session.query("create database if not exists bench engine = Atomic")
    session.query("use bench")
    for table, order in _ORDER.items():
        names = rows.columns(service, table)
        _load_table(session, table, order, names, rows.files(service, table))
    for name, order in _PROJECTIONS.items():
        session.query(f"alter table pixels add projection {name} (select * order by ({order}))")
        session.query(f"alter table pixels materialize projection {name} settings mutations_sync=2")


def _load_table(
    session: Any,  # noqa: ANN401 - its package has no types
    table: str,
    order: str,
    columns: list[str],
    files: list[Path],
) -> None:
    schema = pa.schema([pq.read_schema(files[0]).field(name) for name in columns])
    typed = ", ".join(f"{field.name} {_TYPES[field.type]}" for field in schema)
    session.query(f"create table {table} ({typed}) engine = MergeTree order by ({order})")
    for path in files:
        names = ", ".join(schema.names)
        session.query(f"insert into {table} select {names} from file('{path}', Parquet)")
    # Merge into one part, as background merges eventually would.
    session.query(f"optimize table {table} final")
