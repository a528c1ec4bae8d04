"""Tests of the characteristics of spectra: every product, compared with the definitions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spectraldb.derive.characteristics import characteristics
from spectraldb.products.block import Block
from spectraldb.products.open import open_product
from tests.conftest import REAL
from tests.support import oracle
from tests.support.product_files import ProductFile, for_files, path_of


def spectra(path: Path) -> Iterator[tuple[int, dict[str, Any], int]]:
    """Yield the number, characteristics and unpadded length of each spectrum."""
    with open_product(path) as product:
        for block in product.blocks():
            columns = characteristics(block)
            lengths = np.count_nonzero(block.inside, axis=1).tolist()
            for row, number in enumerate(block.numbers.tolist()):
                yield number, {n: values[row] for n, values in columns.items()}, lengths[row]


@for_files()
def test_characteristics_match_their_definitions(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    pixels = {spectrum.number: spectrum.pixels for spectrum in oracle.spectra(path)}
    for number, found, length in spectra(path):
        expected = pixels[number]
        good = expected["good"]
        assert found["nGood"] == good.sum()
        assert found["nPixels"] == length
        assert_range(found, expected, good)
        if found["snrFrom"] == "flux":
            assert_snr(found, expected, good)


def assert_range(found: dict[str, Any], expected: dict[str, Any], good: Any) -> None:
    names = ("fluxMin", "fluxMedian", "fluxMax", "wavelengthMin", "wavelengthMax")
    if not good.any():
        assert all(np.isnan(found[name]) for name in names)
        return
    flux, wavelength = expected["flux"][good], expected["wavelength"][good]
    assert found["fluxMin"] == flux.min()
    assert found["fluxMax"] == flux.max()
    assert found["fluxMedian"] == pytest.approx(np.median(flux.astype("f8")), rel=1e-12)
    assert found["wavelengthMin"] == wavelength.min()
    assert found["wavelengthMax"] == wavelength.max()


def assert_snr(found: dict[str, Any], expected: dict[str, Any], good: Any) -> None:
    order = np.argsort(expected["wavelength"], kind="stable")
    der_snr = oracle.der_snr(expected["flux"][order], good[order])
    assert found["derSnr"] == pytest.approx(der_snr, rel=1e-9, nan_ok=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = expected["flux"][good].astype("f8") / expected["fluxErr"][good]
    ratio = ratio[np.isfinite(ratio)]
    median = np.median(ratio) if ratio.size else np.nan
    assert found["medianSnr"] == pytest.approx(median, rel=1e-12, nan_ok=True)


@for_files()
def test_sampling_is_the_median_step(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    with open_product(path) as product:
        for block in product.blocks():
            wavelength = np.broadcast_to(block.wavelength, block.flux.shape)
            found = characteristics(block)["sampling"]
            for row, (values, inside) in enumerate(zip(wavelength, block.inside, strict=True)):
                steps = np.abs(np.diff(np.where(inside, values, np.nan)))
                steps = steps[np.isfinite(steps)]
                if np.all(np.diff(values[inside]) > 0) and steps.size:
                    assert found[row] == pytest.approx(np.median(steps), rel=1e-12)


def block(**changes: Any) -> Block:
    """Return two spectra with unit noise around a flux of 20."""
    rng = np.random.default_rng(3)
    flux = 20 + rng.normal(size=(2, 400))
    values: dict[str, Any] = {
        "first": 0,
        "wavelength": np.linspace(1, 2, 400)[np.newaxis],
        "flux": flux,
        "flux_err": np.ones(flux.shape),
        "inside": np.ones(flux.shape, bool),
        "good": np.ones(flux.shape, bool),
        "axis": "x",
        "spectra": {},
    }
    return Block(**(values | changes))


def test_snr_of_extended_sources_uses_surface_brightness() -> None:
    brightness = np.full((2, 400), 3.0)
    brightness[1] = 0.0  # as in modes without surface brightness
    extra = {"surfBright": brightness, "sbErr": np.full((2, 400), 0.5)}
    kinds = {"sourceType": ["EXTENDED", "EXTENDED"]}
    found = characteristics(block(extra=extra, spectra=kinds))
    assert found["snrFrom"].tolist() == ["surfBright", "flux"]
    assert found["medianSnr"][0] == 6.0
    assert found["medianSnr"][1] == pytest.approx(20, rel=0.02)
    points = characteristics(block(extra=extra, spectra={"sourceType": "POINT"}))
    assert points["snrFrom"].tolist() == ["flux", "flux"]


def test_unordered_pixels_are_sorted_by_wavelength() -> None:
    rng = np.random.default_rng(4)
    ordered = block()
    order = rng.permutation(400)
    shuffled = block(wavelength=ordered.wavelength[:, order], flux=ordered.flux[:, order])
    expected, found = characteristics(ordered), characteristics(shuffled)
    np.testing.assert_allclose(found["derSnr"], expected["derSnr"], rtol=1e-12)
    np.testing.assert_allclose(found["sampling"], expected["sampling"], rtol=1e-12)


# Reference values, measured on these files during a study of the formats.
@pytest.mark.parametrize(
    ("name", "median_snr"),
    [
        ("jw01128-o002_t016_nirspec_prism-clear_x1d.fits", 317),
        ("jw01373-o019_t001_nirspec_g395h-f290lp_x1d.fits", 6092),
    ],
)
def test_known_median_snr(real_folder: Path, name: str, median_snr: float) -> None:
    path = next(REAL.rglob(name))
    ((_, found, _),) = spectra(path)
    assert found["medianSnr"] == pytest.approx(median_snr, abs=0.6)
