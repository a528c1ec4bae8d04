"""Streams of whole results: their limits, sizes and versions."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from spectraldb.query.sql.pixels import CompiledQuery, compile_size
from spectraldb.query.sql.statement import Statement
from spectraldb.results import text_size
from spectraldb.schema.columns import by_name
from spectraldb.service.service import Service
from spectraldb.service.streams import ResultPart, ResultStream
from tests.conftest import all_pages
from tests.support.result_tables import read_table

API = "/spectra/api/v0.1"
COLUMNS = {name: by_name()[name] for name in ("targetName", "x")}
BATCH_ROWS = 3

Rows = list[tuple[str | None, int]]
PARTS = st.lists(st.lists(st.tuples(st.none() | st.text(max_size=5), st.integers(0, 9))))
LIMITS = st.none() | st.integers(1, 30)


def part_of(connection: DuckDBPyConnection, rows: Rows) -> ResultPart:
    """Return a part of a result, with its rows in small batches from DuckDB."""
    statement = Statement(exp.select("targetName", "x", exp.alias_("x", "_0")).from_("rows"))
    compiled = CompiledQuery(lambda: statement, COLUMNS, (False,))
    return ResultPart(
        COLUMNS,
        lambda: _run(connection, rows, statement),
        lambda: _run(connection, rows, compile_size(compiled)),
    )


def _run(
    connection: DuckDBPyConnection, rows: Rows, statement: Statement
) -> Iterator[pa.RecordBatch]:
    schema = pa.schema([("targetName", pa.string()), ("x", pa.int32())])
    names, numbers = ([row[i] for row in rows] for i in range(2))
    table = pa.table([pa.array(names, pa.string()), pa.array(numbers, pa.int32())], schema=schema)
    with connection.cursor() as cursor:
        cursor.register("rows", table)
        yield from cursor.sql(statement.text).to_arrow_reader(BATCH_ROWS)


@settings(max_examples=50)
@given(parts=PARTS, limit=LIMITS)
def test_stream_has_the_rows_of_all_parts_up_to_the_limit(
    duckdb_connection: DuckDBPyConnection, parts: list[Rows], limit: int | None
) -> None:
    stream = ResultStream(lambda: map(partial(part_of, duckdb_connection), parts), limit)
    found = [tuple(row.values()) for batch in stream.batches() for row in batch.to_pylist()]
    assert found == [row for rows in parts for row in rows][:limit]


def test_parts_after_the_limit_are_not_read(duckdb_connection: DuckDBPyConnection) -> None:
    def parts() -> Iterator[ResultPart]:
        yield part_of(duckdb_connection, [("a", 1), ("b", 2)])
        yield part_of(duckdb_connection, [("c", 3)])
        raise AssertionError("the stream reads beyond its limit")

    stream = ResultStream(parts, 3)
    assert sum(len(batch) for batch in stream.batches()) == 3


@settings(max_examples=50)
@given(parts=PARTS, limit=LIMITS)
def test_size_agrees_with_the_rows(
    duckdb_connection: DuckDBPyConnection, parts: list[Rows], limit: int | None
) -> None:
    stream = ResultStream(lambda: map(partial(part_of, duckdb_connection), parts), limit)
    count, sizes = stream.measure()
    rows = [row for part in parts for row in part]
    assert count == len(rows[:limit])
    expected = text_size(name for name, _ in rows)
    assert sizes == ({"targetName": expected} if parts else {})


def test_closing_a_stream_ends_its_query(each_lake: Service) -> None:
    stream = each_lake.stream([("product", "all")])
    batches = stream.batches()
    assert next(batches).num_rows > 0
    batches.close()  # type: ignore[attr-defined]


def test_earlier_version_is_complete(
    lake: Service, api: TestClient, sample_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts and units are from the requested version, not from a later one."""
    monkeypatch.setattr("spectraldb.service.search.PART_PIXELS", 1)
    paths = sorted(sample_folder.glob("jw9900[348]*_x1d.fits"))
    lake.ingest(paths)
    query = "flux.gt=1 mJy&columns=flux,uri"
    before = all_pages(api, f"{API}/search?{query}")
    version = api.get(f"{API}/search?limit=1").json()["version"]
    lake.remove([path.name for path in paths])
    assert all_pages(api, f"{API}/search?{query}") == []
    assert all_pages(api, f"{API}/search?{query}&version={version}") == before
    content = api.get(f"{API}/search.arrow?{query}&version={version}").content
    assert read_table("arrow", content).to_pylist() == before != []
