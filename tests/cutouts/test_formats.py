"""Tests of the formats of cut-outs, compared with JSON and with the arrays of the file."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy import units as u
from astropy.table import Table

from spectraldb.formats.npz import npz
from spectraldb.products.array_column import ArrayColumn
from spectraldb.results import ArraysResult
from tests.cutouts.conftest import API, Files


@pytest.mark.parametrize("format_name", ["csv", "votable", "fits", "parquet", "arrow"])
@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("table", {}),
        ("image", {"y": "3,6"}),
        ("cube", {"z": "5,7", "x": "1,4"}),
        ("cube", {"bin": "z"}),
        ("cube", {"spectrum": 15}),
    ],
)
def test_tables_match_json(
    files: Files, tmp_path: Path, kind: str, parameters: dict[str, Any], format_name: str
) -> None:
    answer, name = files.get(kind, **parameters), getattr(files, kind)
    response = files.api.get(
        f"{API}/retrieve.{format_name}", params={"filename": name, **parameters}
    )
    assert response.status_code == 200
    assert f'{Path(name).stem}.{format_name}"' in response.headers["content-disposition"]
    path = tmp_path / f"answer.{format_name}"
    path.write_bytes(response.content)
    table = read_table(path, format_name)
    flux = np.array(answer["data"]["flux"], "f8")
    assert len(table) == flux.size
    values = np.array(table["flux"], "f8")
    values[np.isinf(values)] = np.nan  # JSON has no infinity
    np.testing.assert_array_equal(values, flux.ravel())
    if flux.ndim > 1:
        names = ("z", "y", "x")[-flux.ndim :]
        firsts = [answer.get("cutout", {}).get(axis, [0])[0] for axis in names]
        for axis, grid, first in zip(names, np.indices(flux.shape), firsts, strict=True):
            np.testing.assert_array_equal(np.array(table[axis]), grid.ravel() + first)
    if format_name in ("votable", "fits"):
        assert table["flux"].unit == u.Unit(answer["column_metadata"]["flux"]["units"])


def read_table(path: Path, format_name: str) -> Table:
    if format_name in ("csv", "votable", "fits"):
        return Table.read(path, format={"csv": "ascii.csv"}.get(format_name, format_name))
    content = path.read_bytes()
    arrow = (
        pa.ipc.open_stream(content).read_all()
        if format_name == "arrow"
        else pq.ParquetFile(pa.BufferReader(content)).read()
    )
    return Table({name: arrow[name].to_numpy() for name in arrow.column_names})


def test_statistics_as_a_table(files: Files, tmp_path: Path) -> None:
    parameters = {"filename": files.table}
    answer = files.api.get(f"{API}/retrieve/derived", params=parameters).json()
    path = tmp_path / "derived.fits"
    path.write_bytes(files.api.get(f"{API}/retrieve/derived.fits", params=parameters).content)
    assert Table.read(path)["derSnr"].tolist() == answer["data"]["derSnr"]


@pytest.mark.parametrize("kind", ["cube", "image", "table"])
@pytest.mark.parametrize("parameters", [{}, {"x": "1,4", "columns": "flux,wavelength,good"}])
def test_npz_matches_the_arrays_of_the_file(
    files: Files, kind: str, parameters: dict[str, str]
) -> None:
    name = getattr(files, kind)
    response = files.api.get(f"{API}/retrieve.npz", params={"filename": name, **parameters})
    assert response.headers["content-type"] == "application/x-npz"
    pairs = [("filename", name), *parameters.items()]
    with files.service.retrieve_request(pairs) as retrieved:
        columns = {column.name: column.read() for column in retrieved.answer.columns}
    with np.load(io.BytesIO(response.content), allow_pickle=False) as archive:
        assert {n for n in archive.files if n != "answer.json"} == set(columns)
        metadata = json.loads(archive["answer.json"])
        for column, values in columns.items():
            np.testing.assert_array_equal(archive[column], values)
            assert archive[column].dtype == values.dtype.newbyteorder("=")
    assert metadata["filename"] == name
    assert set(metadata["column_metadata"]) >= set(columns)


def test_npz_of_slits_and_text(tmp_path: Path) -> None:
    def column(name: str, dtype: str, chunks: list[Any], **more: Any) -> ArrayColumn:
        n = sum(len(chunk) for chunk in chunks)
        return ArrayColumn(name, name, dtype, (n,), lambda: iter(chunks), **more)

    slits = [np.zeros((2, 3), "f4"), np.ones((4, 2), "f4")]
    columns = [
        column("flux", "float32", slits, ragged=True),
        column("name", "string", [np.array(["a", "abc"]), np.array(["é"])]),
        column("none", "float", []),
    ]
    answer = ArraysResult("local:x/y.fits", "y.fits", "s2d", columns)
    (tmp_path / "y.npz").write_bytes(b"".join(npz(answer)))
    with np.load(tmp_path / "y.npz", allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["flux.0"], slits[0])
        np.testing.assert_array_equal(archive["flux.1"], slits[1])
        assert archive["name"].tolist() == ["a", "abc", "é"]
        assert archive["none"].shape == (0,)
