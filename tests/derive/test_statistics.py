"""The derived figures: definitions, edge cases, and the sets they are measured on."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from spectraldb.derive import statistics as figures
from spectraldb.lake.record import ProductRecord
from spectraldb.service.service import Service
from tests.conftest import real_paths
from tests.support import oracle

API = "/spectra/api/v0.1"
VALUES = st.floats(-1e6, 1e6) | st.just(float("nan"))
ROWS = hnp.arrays("f8", hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=VALUES)


@given(ROWS)
def test_median(values: Any) -> None:
    expected = [np.nan if np.isnan(row).all() else np.nanmedian(row) for row in values]
    np.testing.assert_array_equal(figures.median(values, ~np.isnan(values)), expected)


@given(ROWS, st.randoms())
def test_der_snr(values: Any, random: Any) -> None:
    good = np.array([[random.random() < 0.8 for _ in row] for row in values]) & np.isfinite(values)
    expected = [oracle.der_snr(row, mask) for row, mask in zip(values, good, strict=True)]
    np.testing.assert_allclose(figures.der_snr(values, good), expected, rtol=1e-12)


def test_der_snr_of_known_noise() -> None:
    rng = np.random.default_rng(1)
    flux = 20 + rng.normal(size=(50, 4000))
    snr = figures.der_snr(flux, np.ones(flux.shape, bool))
    assert np.median(snr) == pytest.approx(20, rel=0.02)


def test_few_pixels_have_no_snr() -> None:
    assert np.isnan(figures.der_snr(np.ones((1, 4)), np.ones((1, 4), bool))).all()
    assert np.isnan(figures.der_snr(np.ones((1, 40)), np.ones((1, 40), bool))).all()  # no noise


@given(ROWS)
def test_ranges(values: Any) -> None:
    which = np.isfinite(values)
    for row, low, high in zip(
        values, figures.lowest(values, which), figures.highest(values, which), strict=True
    ):
        kept = row[np.isfinite(row)]
        np.testing.assert_array_equal(
            [low, high], [kept.min(), kept.max()] if kept.size else [np.nan] * 2
        )


# These figures are those that the formats' reference found on the same files.
@pytest.mark.parametrize(
    ("name", "median_snr"),
    [
        ("jw01128-o002_t016_nirspec_prism-clear_x1d.fits", 317),
        ("jw01373-o019_t001_nirspec_g395h-f290lp_x1d.fits", 6092),
    ],
)
def test_known_median_snr(real_api: TestClient, name: str, median_snr: float) -> None:
    data = real_api.get(f"{API}/retrieve/derived?filename={name}").json()["data"]
    assert data["medianSnr"][0] == pytest.approx(median_snr, abs=0.6)


def test_derived_figures_of_every_real_product(real: Service, real_api: TestClient) -> None:
    rows = {row["location"]: row for row in real.products()}
    for path in real_paths():
        row = rows[str(path)]
        if row["productType"] == "s3d":
            continue
        answer = real_api.get(f"{API}/retrieve/derived?uri={row['uri']}").json()
        data = answer["data"]
        assert set(data) == set(answer["column_metadata"])
        for spectrum in oracle.spectra(path):
            k, p = spectrum.number, spectrum.pixels
            assert data["spectrum"][k] == k
            good = p["good"]
            assert data["nGood"][k] == int(good.sum())
            if good.any():
                flux = p["flux"][good]
                assert data["fluxMin"][k] == flux.min()
                assert data["fluxMax"][k] == flux.max()
                assert data["fluxMedian"][k] == pytest.approx(np.median(flux), rel=1e-12)
                assert data["wavelengthMin"][k] == p["wavelength"][good].min()
                assert data["wavelengthMax"][k] == p["wavelength"][good].max()
            else:
                assert data["fluxMedian"][k] is None
            there = np.isfinite(p["flux"]) | (row["productType"] == "x1d")
            steps = np.abs(np.diff(np.where(there, p["wavelength"], np.nan)))
            steps = steps[np.isfinite(steps)]
            if steps.size:
                assert data["sampling"][k] == pytest.approx(np.median(steps), rel=1e-12)


def test_one_spectrum_of_a_cube(real: Service, real_api: TestClient) -> None:
    row = next(r for r in real.products() if r["fileName"] == "Level3_ch4-medium_s3d.fits")
    answer = real_api.get(f"{API}/retrieve/derived?uri={row['uri']}&spectrum=364").json()
    pixels = next(s.pixels for s in oracle.spectra(path_of(row)) if s.number == 364)
    assert answer["data"]["derSnr"] == pytest.approx(
        [oracle.der_snr(pixels["flux"], pixels["good"])]
    )
    assert answer["data"]["positionFrom"] == ["spaxel"]


def path_of(row: ProductRecord) -> Path:
    return next(path for path in real_paths() if str(path) == row["location"])
