"""Searches by quality: flags, errors that say nothing, missing values and aliases of columns."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from spectraldb.errors import BadQueryError
from spectraldb.schema.dq_flags import DQ_FLAGS
from spectraldb.service.service import Service
from tests.support.small_files import write_s2d, write_s3d, write_x1d

N = 64
WAVELENGTH = np.linspace(1.0, 2.0, N)
RANDOM = np.random.default_rng(1)
DQ = RANDOM.integers(0, 2**5, N).astype("u4")
DQ[:3] = [0, 2**31, 2**31 + 1]


def write(path: Path, **columns: Any) -> Path:
    table = {"WAVELENGTH": WAVELENGTH, "FLUX": np.arange(1.0, N + 1)} | columns
    return write_x1d(path, table, {"WAVELENGTH": "um", "FLUX": "Jy"})


def pixels(lake: Service, *conditions: tuple[str, str]) -> list[int]:
    pairs = [*conditions, ("columns", "pixel"), ("product", "all"), ("limit", "100000")]
    return [row["pixel"] for row in lake.search(pairs).rows.to_pylist()]


@pytest.mark.parametrize("optimized", [False, True])
def test_flags(lake: Service, tmp_path: Path, optimized: bool) -> None:
    lake.ingest([write(tmp_path / "x1d.fits", DQ=DQ)])
    if optimized:
        lake.optimize()
    masks: list[tuple[str, int]] = [("1", 1), ("6", 6), ("SATURATED,JUMP_DET", 6), ("dropout", 8)]
    masks.append(("2147483648", 2**31))
    for text, mask in masks:
        has = np.flatnonzero((DQ & mask) == mask).tolist()
        lacks = np.flatnonzero((DQ & mask) == 0).tolist()
        assert pixels(lake, ("dq.has", text)) == has
        assert pixels(lake, ("quality.lacks", text)) == lacks
        assert lake.count([("dq.has", text)]).pixels == len(has)
    both = [("dq.has", "1"), ("dq.lacks", "SATURATED")]
    assert pixels(lake, *both) == np.flatnonzero((DQ & 3) == 1).tolist()


def test_pixels_without_quality_match_neither(lake: Service, tmp_path: Path) -> None:
    lake.ingest([write(tmp_path / "x1d.fits")])
    assert pixels(lake, ("dq.has", "1")) == pixels(lake, ("dq.lacks", "1")) == []


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("dq.has", "SATURATE", "Unknown flag 'SATURATE'. Did you mean SATURATED?"),
        ("dq.has", "xyz", "Unknown flag 'xyz'. Flags: DO_NOT_USE, "),
        ("dq.lacks", "0", "0 is not a sum of flags"),
        ("dq.lacks", "-1", "Unknown flag"),
        ("flux.has", "1", "does not apply to flux"),
    ],
)
def test_invalid_flags(lake: Service, name: str, text: str, message: str) -> None:
    with pytest.raises(BadQueryError, match=message):
        lake.search([(name, text)])


def test_answers_name_the_flags(lake: Service, tmp_path: Path) -> None:
    path = write(tmp_path / "x1d.fits", DQ=DQ)
    lake.ingest([path])
    with lake.retrieve(file_name=path.name) as retrieved:
        assert retrieved.answer.metadata["dq"]["flags"] == DQ_FLAGS
        assert "flags" not in retrieved.answer.metadata["flux"]


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_errors_that_say_nothing_in_a_table(lake: Service, tmp_path: Path, value: float) -> None:
    path = write(tmp_path / "x1d.fits", FLUX_ERROR=np.full(N, value))
    lake.ingest([path, write(tmp_path / "without.fits")])
    pairs = [("columns", "fluxErr,snr,good,nGood,derSnr,medianSnr,fluxMin"), ("limit", "1000")]
    rows = lake.search(pairs).rows.to_pylist()
    assert len(rows) == 2 * N
    assert {row["fluxErr"] for row in rows} == {row["snr"] for row in rows} == {None}
    assert all(row["good"] for row in rows)
    assert len({(r["nGood"], r["derSnr"], r["medianSnr"], r["fluxMin"]) for r in rows}) == 1
    assert rows[0]["nGood"] == N
    with fits.open(path) as hdus, lake.retrieve(file_name=path.name) as retrieved:
        column = next(c for c in retrieved.answer.columns if c.name == "fluxErr")
        np.testing.assert_array_equal(column.read(), hdus[1].data["FLUX_ERROR"])


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_errors_that_say_nothing_in_a_cube(lake: Service, tmp_path: Path, value: float) -> None:
    flux = np.arange(1.0, 61).reshape(5, 3, 4).astype("f4")
    arrays = {"SCI": flux, "ERR": np.full(flux.shape, value, "f4")}
    path = write_s3d(tmp_path / "s3d.fits", arrays)
    lake.ingest([path])
    assert lake.count([("product", "s3d"), ("good", "true")]).pixels == flux.size
    assert lake.count([("product", "s3d"), ("fluxErr.isnull", "false")]).pixels == 0
    with lake.retrieve_request([("filename", path.name), ("bin", "x,y")]) as retrieved:
        columns = {column.name: column.read() for column in retrieved.answer.columns}
    np.testing.assert_allclose(columns["flux"], flux.mean(axis=(1, 2)))
    assert np.isnan(columns["fluxErr"]).all()
    assert (columns["nGood"] == 12).all()


def test_errors_that_say_nothing_in_an_image(lake: Service, tmp_path: Path) -> None:
    wavelength = np.broadcast_to(WAVELENGTH, (2, N))
    path = write_s2d(tmp_path / "s2d.fits", wavelength, "um", {"ERR": np.full((2, N), np.nan)})
    lake.ingest([path])
    assert lake.count([("product", "s2d"), ("good", "true")]).pixels == 2 * N
    assert lake.count([("product", "s2d"), ("snr.isnull", "false")]).pixels == 0


def test_one_error_is_enough(lake: Service, tmp_path: Path) -> None:
    errors = np.zeros(N)
    errors[5] = 0.1
    lake.ingest([write(tmp_path / "x1d.fits", FLUX_ERROR=errors)])
    assert pixels(lake, ("good", "true")) == [5]


ALIASES = ("FLUX_ERROR", "flux_error", "ERROR", "err", "ERR", "FLUX_ERR", "Flux_Uncertainty")


@pytest.mark.parametrize("name", ALIASES)
def test_aliases_of_the_error(lake: Service, tmp_path: Path, name: str) -> None:
    errors = np.full(N, 0.5)
    errors[:9] = 0
    path = tmp_path / "x1d.fits"
    flux = np.arange(1.0, N + 1)
    write_x1d(path, {"wavelength": WAVELENGTH, "Flux": flux, name: errors, "dq": DQ})
    lake.ingest([path])
    assert lake.count([("good", "true")]).pixels == np.count_nonzero((errors > 0) & (DQ & 1 == 0))
    assert lake.count([("snr.gt", "20")]).pixels == np.count_nonzero(flux[9:] / 0.5 > 20)
    with lake.retrieve(file_name=path.name) as retrieved:
        columns = {column.name: column for column in retrieved.answer.columns}
    assert list(columns) == ["wavelength", "flux", "fluxErr", "dq"]
    assert columns["fluxErr"].fits_ext == name


def test_two_names_of_the_error(lake: Service, tmp_path: Path) -> None:
    path = write(tmp_path / "x1d.fits", ERR=np.full(N, 9.0), FLUX_ERROR=np.full(N, 0.5))
    lake.ingest([path])
    assert lake.count([("fluxErr", "0.5")]).pixels == N
    with lake.retrieve(file_name=path.name) as retrieved:
        assert len(retrieved.answer.columns) == 4


def test_missing_values_of_integers(lake: Service, tmp_path: Path) -> None:
    flux = np.arange(60, dtype="i2").reshape(5, 3, 4)
    flux[2] = -32768
    path = write_s3d(tmp_path / "s3d.fits", {"SCI": flux}, {"BLANK": -32768, "BZERO": 5.0})
    lake.ingest([path])
    assert lake.count([("product", "s3d")]).pixels == 48
    with lake.retrieve(file_name=path.name) as retrieved:
        columns = {column.name: column.read() for column in retrieved.answer.columns}
    assert np.isnan(columns["flux"][2]).all()
    np.testing.assert_array_equal(columns["flux"][0], flux[0] + 5.0)


def test_missing_values_of_a_table(lake: Service, tmp_path: Path) -> None:
    flux = np.arange(1, N + 1, dtype="i4")
    flux[7] = -99
    path = write_x1d(
        tmp_path / "x1d.fits",
        {"WAVELENGTH": WAVELENGTH, "FLUX": flux},
        cards={"TNULL2": -99, "TSCAL2": 0.5, "TZERO2": 1.0},
    )
    lake.ingest([path])
    assert 7 not in pixels(lake)
    assert lake.count([("flux", "1.5,33")]).pixels == N - 1
    with lake.retrieve(file_name=path.name) as retrieved:
        columns = {column.name: column.read() for column in retrieved.answer.columns}
    assert np.isnan(columns["flux"][7])
    assert columns["flux"][8] == 9 * 0.5 + 1
