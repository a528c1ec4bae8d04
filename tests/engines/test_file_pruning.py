"""Pixel files that a search reads: all files of its types that can contain matching pixels."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given, settings
from hypothesis import strategies as st

from spectraldb.engines.file_pruning import prune_files
from spectraldb.lake.file_statistics import FileStatistics
from spectraldb.lake.snapshot import Snapshot
from spectraldb.query.model import PixelQuery
from spectraldb.query.parse import parse_pixels
from spectraldb.query.pruning import pruning_of
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.small_tables import SmallTables, key_of, searches, small_tables

COLUMNS = ("productId", "wavelength", "flux", "dq", "x")


def snapshot_of(files: dict[str, list[dict[str, Any]]]) -> Snapshot:
    """Return a version with x1d pixel files; `files` maps their names to their rows."""
    actions: dict[str, list[Any]] = {"path": [f"productType=x1d/{name}" for name in files]}
    for name in COLUMNS:
        values = [[r[name] for r in rows if r[name] is not None] for rows in files.values()]
        actions[f"min.{name}"] = [min(each, default=None) for each in values]
        actions[f"max.{name}"] = [max(each, default=None) for each in values]
    types = {name: pa.string() if name == "path" else pa.float64() for name in actions}
    table = pa.table({name: pa.array(values, types[name]) for name, values in actions.items()})
    paths = tuple(f"/lake/SpectralPixel/productType=x1d/{name}" for name in files)
    other = ("/lake/SpectralPixel/productType=s3d/other.parquet",)
    return Snapshot(1, 0, (), {}, {"x1d": paths, "s3d": other}, FileStatistics.of(table))


@settings(max_examples=200)
@given(tables=small_tables(), query=searches(), ids=st.none() | st.tuples(*[st.integers(0, 9)] * 2))
def test_files_with_matching_pixels_are_read(
    duckdb_connection: DuckDBPyConnection,
    tables: SmallTables,
    query: PixelQuery,
    ids: tuple[int, int] | None,
) -> None:
    """Each product has a file; here, its pixels can have any product type."""
    query = replace(query, id_range=ids, product_types=query.product_types | {"x1d"})
    files: dict[str, list[dict[str, Any]]] = {
        f"{row['productId']}.parquet": [] for row in tables.products
    }
    for pixel in tables.pixels:
        files[f"{pixel['productId']}.parquet"].append(pixel)
    pruned = prune_files(snapshot_of(files), pruning_of(query, tables.units))
    names = {path.rpartition("/")[2] for path in pruned.pixels["x1d"]}
    matching = set(tables.matching(duckdb_connection, query))
    for name, pixels in files.items():
        assert name in names or not any(key_of(pixel) in matching for pixel in pixels)


FILES = {
    name: [{"productId": i, "wavelength": low, "flux": None, "dq": 0, "x": 0}]
    for i, (name, low) in enumerate({"a": 1.0, "b": 2.0, "c": 20.5}.items())
}


def names_of(*pairs: tuple[str, str], **changes: Any) -> str:
    """Return the names of the x1d files that a search reads."""
    query = replace(parse_pixels(pairs, Settings()), **changes)
    snapshot = prune_files(snapshot_of(FILES), pruning_of(query, {}))
    return "".join(path[-1] for path in snapshot.pixels["x1d"])


@pytest.mark.parametrize(
    ("pairs", "names"),
    [
        ([("wavelength", "20,21")], "c"),
        ([("wavelength.lt", "2")], "ab"),  # statistics are one float wider than the values
        ([("wavelength.lt", "1.9")], "a"),
        ([("wavelength.gte", "2"), ("wavelength.lte", "3")], "b"),
        ([("wavelength.lte", "3"), ("wavelength.gte", "2")], "b"),
        ([("wavelength.ne", "2")], "abc"),
        ([("flux.gt", "5")], "abc"),  # no statistics
        ([("dq", "1")], ""),
        ([("derSnr", "1")], "abc"),  # a column of spectra, without statistics in the files
    ],
)
def test_numbers_rule_out_files(pairs: list[tuple[str, str]], names: str) -> None:
    assert names_of(*pairs) == names


def test_products_rule_out_files() -> None:
    assert names_of(id_range=(1, 1)) == "b"
    assert names_of(id_range=(1, 9)) == "bc"


def test_other_types_are_ruled_out_by_numbers_only() -> None:
    snapshot = snapshot_of(FILES)
    anywhere = pruning_of(parse_pixels([], Settings()), {})
    assert prune_files(snapshot, anywhere) is snapshot
    pruned = prune_files(snapshot, pruning_of(parse_pixels([("x", "0")], Settings()), {}))
    assert set(pruned.pixels) == {"x1d"}


WAVELENGTHS = {"samples": (13.5, 15.0), "real": (20.0, 21.0)}


def test_files_of_a_lake(each_lake: Service, lake_name: str) -> None:
    snapshot = each_lake.lake.snapshot()
    low, high = WAVELENGTHS[lake_name]
    pairs = [("wavelength", f"{low},{high}"), ("product", "all")]
    pruned = prune_files(snapshot, pruning_of(parse_pixels(pairs, Settings()), {}))
    read = {file for files in pruned.pixels.values() for file in files}
    every = {file for files in snapshot.pixels.values() for file in files}
    assert read < every
    for file in every:
        wavelength = pq.read_table(file, columns=["wavelength"])["wavelength"].to_numpy()
        if np.any((wavelength >= low) & (wavelength <= high)):
            assert file in read
