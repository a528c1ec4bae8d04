"""DuckDB over one Parquet file per product, as a user might store them."""

from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.lake import folder_size
from bench.search import rows
from bench.search.contender import Contender
from bench.search.home import Home
from bench.search.question import Question
from spectraldb.service.service import Service


def parquet(home: Home, service: Service, stack: ExitStack) -> Contender:
    """Return DuckDB over files with the rows of a lake."""
    seconds = home.fill(lambda: _write(home.folder, service))
    connection = duckdb.connect()
    stack.callback(connection.close)
    connection.execute("set parquet_metadata_cache = true")
    for name, files in (("pixels", "pixels/*"), ("spectra", "spectra"), ("products", "products")):
        path = home.folder / f"{files}.parquet"
        connection.execute(f"create view {name} as select * from read_parquet('{path}')")

    def ask(question: Question) -> pa.Table:
        return connection.sql(question.sql).to_arrow_table()

    return Contender("DuckDB over Parquet", ask, loaded=seconds, size=folder_size(home.folder))


def _write(folder: Path, service: Service) -> None:
    (folder / "pixels").mkdir()
    for name in ("spectra", "products"):
        pq.write_table(rows.whole(service, name), folder / f"{name}.parquet")
    for table in rows.parts(service, "pixels"):
        for part in _by_product(table):
            pq.write_table(part, folder / "pixels" / f"{part['productId'][0]}.parquet")


def _by_product(table: pa.Table) -> list[pa.Table]:
    """Return the rows of each product; in the table they are contiguous."""
    numbers = table["productId"].to_numpy()
    starts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
    return [table.slice(start, end - start) for start, end in pairwise(starts)]
