"""Tests of errors that are 0 or NaN throughout a product, under any name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spectraldb.products.open import open_product
from spectraldb.schema.array_columns import FITS_NAMES
from spectraldb.service.service import Service
from tests.support.small_files import write_s2d, write_s3d, write_x1d

N = 60
RNG = np.random.default_rng(5)
FLUX = RNG.normal(10.0, 0.5, N)
WAVELENGTH = np.linspace(1.0, 2.0, N)
SHAPE = (N, 2, 3)

Writer = Callable[[Path, Any], Path]


def x1d(path: Path, error: Any) -> Path:
    columns = {"wavelength": WAVELENGTH, "Flux": FLUX, "Flux_Error": np.full(N, error)}
    return write_x1d(path / "a_x1d.fits", columns, {"Flux": "Jy"})


def s2d(path: Path, error: Any) -> Path:
    flux = np.tile(FLUX, (4, 1))
    images = {"SCI": flux, "ERR": np.full(flux.shape, error)}
    return write_s2d(path / "a_s2d.fits", np.tile(WAVELENGTH, (4, 1)), "um", images)


def s3d(path: Path, error: Any) -> Path:
    flux = np.broadcast_to(FLUX[:, np.newaxis, np.newaxis], SHAPE)
    return write_s3d(path / "a_s3d.fits", {"SCI": flux, "ERR": np.full(SHAPE, error)})


@pytest.mark.parametrize("write", [x1d, s2d, s3d])
@pytest.mark.parametrize("error", [0.0, np.nan])
def test_search_and_retrieve(write: Writer, error: float, lake: Service, tmp_path: Path) -> None:
    summary = lake.ingest([write(tmp_path, error)])
    assert summary.refused == []
    pairs = [("product", "all"), ("columns", "flux,fluxErr,snr,good,derSnr"), ("limit", "10000")]
    rows = lake.search(pairs).rows
    assert len(rows)
    assert rows["fluxErr"].null_count == rows["snr"].null_count == len(rows)
    assert all(rows["good"].to_pylist())
    assert rows["derSnr"][0].as_py() == pytest.approx(20, rel=0.5)
    assert lake.count([("product", "all"), ("fluxErr.gte", "0")]).pixels == 0
    (record,) = lake.products()
    with lake.retrieve_request([("uri", record.uri)]) as retrieved:
        arrays = {column.name: column.read() for column in retrieved.answer.columns}
    np.testing.assert_array_equal(arrays["fluxErr"], np.full(arrays["flux"].shape, error))


@pytest.mark.parametrize("write", [x1d, s2d, s3d])
def test_combined_pixels(write: Writer, lake: Service, tmp_path: Path) -> None:
    lake.ingest([write(tmp_path, 0.0)])
    (record,) = lake.products()
    with lake.retrieve_request([("uri", record.uri), ("bin", "wavelength")]) as retrieved:
        arrays = {column.name: column.read() for column in retrieved.answer.columns}
    np.testing.assert_allclose(arrays["flux"], FLUX.mean())
    assert np.isnan(arrays["fluxErr"]).all()


@pytest.mark.parametrize("write", [x1d, s2d, s3d])
def test_one_error_suffices(write: Writer, tmp_path: Path) -> None:
    error = np.zeros(N if write is x1d else (4, N) if write is s2d else SHAPE)
    error.flat[-1] = 0.25
    with open_product(write(tmp_path, error)) as product:
        blocks = list(product.blocks())
    assert sum(np.nansum(block.flux_err) for block in blocks) == 0.25
    if write is not s2d:  # where an error of 0 is allowed
        assert sum(np.count_nonzero(block.good) for block in blocks) == 1


def test_errors_of_the_surface_brightness(lake: Service, tmp_path: Path) -> None:
    columns = {
        "WAVELENGTH": WAVELENGTH,
        "FLUX": FLUX,
        "FLUX_ERROR": np.full(N, 0.5),
        "SURF_BRIGHT": 2 * FLUX,
        "SB_ERROR": np.zeros(N),
    }
    cards = {"SRCTYPE": "EXTENDED"}
    lake.ingest([write_x1d(tmp_path / "a_x1d.fits", columns, primary=cards)])
    columns_of = ("columns", "sbErr,snrFrom,derSnr,medianSnr,nGood,sourceType")
    row = lake.search([columns_of]).rows.to_pylist()[0]
    assert row["sbErr"] is row["medianSnr"] is None
    assert (row["snrFrom"], row["nGood"], row["sourceType"]) == ("surfBright", N, "EXTENDED")
    assert row["derSnr"] == pytest.approx(20, rel=0.5)


@pytest.mark.parametrize("name", FITS_NAMES["fluxErr"])
@pytest.mark.parametrize("spell", [str.upper, str.lower, str.title])
def test_aliases(name: str, spell: Callable[[str], str], tmp_path: Path) -> None:
    columns = {spell("wave"): WAVELENGTH, spell("flux"): FLUX, spell(name): np.full(N, 0.5)}
    with open_product(write_x1d(tmp_path / "a_x1d.fits", columns)) as product:
        (block,) = product.blocks()
        assert [column.name for column in product.columns()] == ["wavelength", "flux", "fluxErr"]
    assert (block.flux_err == 0.5).all()
    assert block.good.all()


def test_several_names_of_the_same_array(tmp_path: Path) -> None:
    columns = {
        "WAVELENGTH": WAVELENGTH,
        "ERR": np.full(N, 9.0),
        "FLUX": FLUX,
        "FLUX_ERROR": np.full(N, 0.5),
    }
    with open_product(write_x1d(tmp_path / "a_x1d.fits", columns)) as product:
        (block,) = product.blocks()
        first = next(column for column in product.columns() if column.name == "fluxErr")
        assert first.fits_ext == "FLUX_ERROR"
    assert (block.flux_err == 0.5).all()


def test_alias_of_an_image(tmp_path: Path) -> None:
    images = {"SCI": np.ones(SHAPE), "ERROR": np.full(SHAPE, 0.5)}
    with open_product(write_s3d(tmp_path / "a_s3d.fits", images)) as product:
        assert all((block.flux_err == 0.5).all() for block in product.blocks())
