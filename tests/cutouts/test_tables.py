"""Tests of cut-outs of 1-D products, compared with astropy and numpy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spectraldb.cutouts.request import Binning, Cutout
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.sky import Cone
from tests.cutouts.arrays import Array, assert_combined, combined, cut
from tests.support import oracle
from tests.support.layouts import LAYOUTS, write_layout
from tests.support.product_files import ProductFile, for_files, path_of

TABLES = for_files("x1d", "c1d", "x1dints")


def pixels_of(path: Path) -> list[dict[str, Array]]:
    return [spectrum.pixels for spectrum in oracle.spectra(path)]


def joined(spectra: list[dict[str, Array]], name: str, mask: str = "") -> Array:
    parts = [s[name][s[mask]] if mask else s[name] for s in spectra]
    return np.concatenate(parts) if parts else np.zeros(0)


@TABLES
def test_pixels_by_index(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    spectra = pixels_of(path)
    arrays, part = cut(path, Cutout(ranges={"x": (3, 8)}))
    for name in ("flux", "wavelength"):
        expected = np.concatenate([spectrum[name][3:9] for spectrum in spectra])
        np.testing.assert_array_equal(arrays[name], expected)
    assert part.box == {"x": range(3, 9)}
    assert [each["spectrum"] for each in part.spectra] == list(range(len(spectra)))


@TABLES
def test_pixels_in_a_range_of_wavelengths(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    spectra = pixels_of(path)
    whole = joined(spectra, "wavelength")
    low, high = np.quantile(whole[np.isfinite(whole)], [0.3, 0.6]).tolist()
    for spectrum in spectra:
        spectrum["inside"] = (spectrum["wavelength"] >= low) & (spectrum["wavelength"] <= high)
    arrays, _ = cut(path, Cutout(wavelength=(low, high), columns=("wavelength", "flux", "good")))
    for name, values in arrays.items():
        np.testing.assert_array_equal(values, joined(spectra, name, "inside"))


@TABLES
def test_groups_of_pixels(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    spectra = pixels_of(path)
    arrays, _ = cut(path, Cutout(ranges={"x": (2, 13)}, binning=Binning({"wavelength": 5})))
    group = 0
    for number, spectrum in enumerate(spectra):
        n = len(spectrum["flux"][2:14])
        for start in range(2, 2 + n, 5):
            part = slice(start, min(start + 5, 14))
            flux, error, good = (spectrum[k][part] for k in ("flux", "fluxErr", "good"))
            assert_combined(arrays, combined(flux, error, good, None), group)
            wavelength = np.nanmean(spectrum["wavelength"][part])
            assert arrays["wavelength"][group] == pytest.approx(wavelength, rel=1e-12)
            if "spectrum" in arrays:
                assert arrays["spectrum"][group] == number
            group += 1
    assert group == len(arrays["flux"])


@TABLES
def test_the_sum_of_each_spectrum(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    present = [spectrum for spectrum in pixels_of(path) if len(spectrum["flux"])]
    arrays, _ = cut(path, Cutout(binning=Binning({"x": None}, total=True)))
    assert len(arrays["flux"]) == len(present)
    for group, spectrum in enumerate(present):
        flux, error, good = (spectrum[k] for k in ("flux", "fluxErr", "good"))
        mean, error, n = combined(flux, error, good, None)
        assert_combined(arrays, (mean * n, error * n, n), group)
        bright = spectrum["surfBright"][good]
        bright = bright[np.isfinite(bright)]
        if "surfBright" in arrays and bright.size == n > 0:
            assert arrays["surfBright"][group] == pytest.approx(bright.sum(), rel=1e-10)


@TABLES
def test_one_spectrum(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    spectra = pixels_of(path)
    number = len(spectra) // 2
    arrays, part = cut(path, Cutout(spectrum=number, columns=("flux", "good")))
    np.testing.assert_array_equal(arrays["flux"], spectra[number]["flux"])
    np.testing.assert_array_equal(arrays["good"], spectra[number]["good"])
    assert [each["spectrum"] for each in part.spectra] == [number]
    assert not part.box


def layout_path(key: str, folder: Path) -> Path:
    return write_layout(next(layout for layout in LAYOUTS if layout.key == key), folder)


def test_spectra_in_a_cone(tmp_path: Path) -> None:
    path = layout_path("x1d-wfss-vector", tmp_path)
    whole, part = cut(path, Cutout())
    at: Any = {(each["ra"], each["dec"]) for each in part.spectra if each["sourceId"] == 7}
    ((ra, dec),) = at - {(10.0, -20.0)}  # absent sources have the position of the target
    cone = Cone(ra, dec, 0.0001)
    arrays, part = cut(path, Cutout(cone=cone))
    assert {each["sourceId"] for each in part.spectra} == {7}
    chosen: Any = [each["spectrum"] for each in part.spectra]
    mask = np.isin(whole["spectrum"], chosen)
    np.testing.assert_array_equal(arrays["flux"], whole["flux"][mask])
    binned, _ = cut(path, Cutout(cone=cone, binning=Binning({"x": None})))
    assert binned["spectrum"].tolist() == chosen


@pytest.mark.parametrize(
    ("cutout", "error", "message"),
    [
        (Cutout(ranges={"y": (3, 3)}), BadQueryError, "has no such axis. Axes: x"),
        (Cutout(ranges={"x": (0, 5000)}), BadQueryError, "between 0 and"),
        (Cutout(spectrum=9), NotHeldError, "It has one spectrum"),
        (Cutout(wavelength=(900.0, 901.0)), NotHeldError, "Available wavelengths"),
        (Cutout(wavelength=(900.0, 901.0), binning=Binning({"x": 2})), NotHeldError, "no pixel"),
        (Cutout(cone=Cone(100.0, 80.0, 0.001)), NotHeldError, "The nearest is"),
        (Cutout(binning=Binning({"y": 2})), BadQueryError, "no axis 'y'. Axes: x"),
    ],
)
def test_invalid_cutouts_are_rejected(
    tmp_path: Path, cutout: Cutout, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        cut(layout_path("x1d-mos", tmp_path), cutout)
