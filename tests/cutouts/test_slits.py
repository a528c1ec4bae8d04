"""Tests of cut-outs of rectified 2-D spectra, compared with astropy and numpy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spectraldb.cutouts.request import Binning, Cutout
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.products.block import Axis
from spectraldb.sky import Cone
from tests.cutouts.arrays import assert_combined, combined, cut
from tests.support import oracle
from tests.support.layouts import LAYOUTS, write_layout
from tests.support.product_files import ProductFile, for_files, path_of

SLITS = for_files("s2d")
SEVERAL = "s2d-multislit"


def single(source: ProductFile, folder: Path) -> tuple[Path, oracle.SlitArrays, Cutout]:
    """Return path and arrays of a slit, and the cut-out that selects it if there are several."""
    path = path_of(source, folder)
    several = not isinstance(source, Path) and source.key == SEVERAL
    return path, oracle.slit_arrays(path), Cutout(spectrum=3) if several else Cutout()


def axes_of(slit: oracle.SlitArrays) -> tuple[Axis, Axis]:
    """Return the dispersion axis and the other axis."""
    return ("x", "y") if slit.dispersion == "x" else ("y", "x")


def in_rows(slit: oracle.SlitArrays, image: Any) -> Any:
    return image if slit.dispersion == "x" else image.T


@SLITS
def test_a_row(source: ProductFile, tmp_path: Path) -> None:
    path, slit, _ = single(source, tmp_path)
    arrays, part = cut(path, Cutout(spectrum=3, columns=("flux", "fluxErr", "good")))
    for name, image in (("flux", slit.flux), ("fluxErr", slit.error), ("good", slit.good)):
        np.testing.assert_array_equal(arrays[name], in_rows(slit, image)[3])
    assert list(part.index) == [slit.dispersion]


@SLITS
def test_a_box(source: ProductFile, tmp_path: Path) -> None:
    path, slit, chosen = single(source, tmp_path)
    if chosen.spectrum is not None:
        with pytest.raises(BadQueryError, match="has 2 slits"):
            cut(path, Cutout(ranges={"x": (1, 4)}))
        return
    arrays, part = cut(path, Cutout(ranges={"y": (2, 5), "x": (1, 4)}))
    np.testing.assert_array_equal(arrays["flux"], slit.flux[2:6, 1:5])
    np.testing.assert_array_equal(arrays["fluxErr"], slit.error[2:6, 1:5])
    assert arrays["con"].shape[-2:] == (4, 4)
    assert part.index["y"].tolist() == [2, 3, 4, 5]
    wavelength = arrays["wavelength"]
    expected = slit.wavelength[2:6, 1:5]
    if wavelength.ndim == 1:
        expected = in_rows(slit, expected)[0]
    np.testing.assert_allclose(wavelength, expected, rtol=1e-7)


@SLITS
def test_the_mean_of_rows(source: ProductFile, tmp_path: Path) -> None:
    path, slit, chosen = single(source, tmp_path)
    if chosen.spectrum is not None:
        return
    _, across = axes_of(slit)
    cutout = Cutout(ranges={across: (1, 4)}, binning=Binning({across: None}))
    arrays, part = cut(path, cutout)
    flux, error, good = (in_rows(slit, a)[1:5] for a in (slit.flux, slit.error, slit.good))
    assert_combined(arrays, combined(flux, error, good, 0))
    assert list(part.index) == [slit.dispersion]
    rows = in_rows(slit, slit.wavelength)[1:5]
    finite = np.isfinite(rows).any(axis=0)
    np.testing.assert_allclose(
        arrays["wavelength"][finite], np.nanmean(rows[:, finite], axis=0), rtol=1e-7
    )


@SLITS
def test_groups_along_a_row(source: ProductFile, tmp_path: Path) -> None:
    path, slit, _ = single(source, tmp_path)
    arrays, _ = cut(path, Cutout(spectrum=3, binning=Binning({"wavelength": 5})))
    flux, error, good = (in_rows(slit, a)[3] for a in (slit.flux, slit.error, slit.good))
    for group in range(-(-len(flux) // 5)):
        part = slice(5 * group, 5 * group + 5)
        assert_combined(arrays, combined(flux[part], error[part], good[part], None), group)


@SLITS
def test_pixels_in_a_range_of_wavelengths(source: ProductFile, tmp_path: Path) -> None:
    path, slit, _ = single(source, tmp_path)
    row = in_rows(slit, slit.wavelength)[3]
    low, high = np.quantile(row[np.isfinite(row)], [0.3, 0.6]).tolist()
    arrays, part = cut(path, Cutout(spectrum=3, wavelength=(low, high)))
    inside = np.flatnonzero((row >= low) & (row <= high))
    indices = part.box[axes_of(slit)[0]]
    assert indices == range(inside[0], inside[-1] + 1)
    flux = in_rows(slit, slit.flux)[3, indices.start : indices.stop]
    np.testing.assert_array_equal(arrays["flux"], flux)


@SLITS
def test_rows_in_a_cone(source: ProductFile, tmp_path: Path) -> None:
    path, slit, chosen = single(source, tmp_path)
    if chosen.spectrum is not None:
        return
    ra, dec = (in_rows(slit, angle) for angle in oracle.slit_world(path)[:2])
    row, column = (n // 2 for n in ra.shape)
    position = float(ra[row, column]) % 360, float(dec[row, column])
    step = np.hypot(
        np.diff(ra[:, column]) * np.cos(np.radians(position[1])), np.diff(dec[:, column])
    )
    cone = Cone(*position, 1.5 * float(np.median(step)))
    arrays, part = cut(path, Cutout(cone=cone, columns=("flux",)))
    assert part.box[axes_of(slit)[1]] == range(row - 1, row + 2)
    np.testing.assert_array_equal(
        in_rows(slit, arrays["flux"]), in_rows(slit, slit.flux)[row - 1 : row + 2]
    )


def test_rows_of_several_slits(tmp_path: Path) -> None:
    layout = next(layout for layout in LAYOUTS if layout.key == SEVERAL)
    path = write_layout(layout, tmp_path)
    first, second = (oracle.slit_arrays(path, slit) for slit in (0, 1))
    ny = len(first.flux)
    for number in (0, ny - 1, ny, ny + len(second.flux) - 1):
        arrays, _ = cut(path, Cutout(spectrum=number, columns=("flux",)))
        row = first.flux[number] if number < ny else second.flux[number - ny]
        np.testing.assert_array_equal(arrays["flux"], row)


@pytest.mark.parametrize(
    ("cutout", "error", "message"),
    [
        (Cutout(ranges={"z": (3, 3)}), BadQueryError, "has no such axis. Axes: y, x"),
        (Cutout(ranges={"y": (0, 5000)}), BadQueryError, "between 0 and 7"),
        (Cutout(spectrum=2, ranges={"y": (2, 2)}), BadQueryError, "fixes this index"),
        (Cutout(spectrum=8), NotHeldError, "numbered 0 to 7"),
        (Cutout(wavelength=(900.0, 901.0)), NotHeldError, "Available wavelengths"),
        (Cutout(cone=Cone(100.0, 80.0, 0.001)), NotHeldError, "The nearest is"),
        (Cutout(binning=Binning({"z": 2})), BadQueryError, "no axis 'z'. Axes: y, x"),
    ],
)
def test_invalid_cutouts_are_rejected(
    tmp_path: Path, cutout: Cutout, error: type[Exception], message: str
) -> None:
    layout = next(layout for layout in LAYOUTS if layout.key == "s2d-mos")
    with pytest.raises(error, match=message):
        cut(write_layout(layout, tmp_path), cutout)
