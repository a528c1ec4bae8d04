"""Tests of cut-outs of cubes, compared with astropy and numpy."""

from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st

from spectraldb.cutouts.request import Binning, Cutout
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.sky import Cone
from tests.cutouts.arrays import assert_combined, combined, cut
from tests.support import oracle
from tests.support.layouts import LAYOUTS, write_layout
from tests.support.product_files import ProductFile, for_files, path_of

CUBES = for_files("s3d")


@CUBES
def test_a_plane(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    flux = oracle.cube_arrays(path).flux
    nz, ny, nx = flux.shape
    arrays, part = cut(path, Cutout(ranges={"z": (nz // 3, nz // 3)}, columns=("flux", "ra")))
    assert list(arrays) == ["flux", "ra"]
    np.testing.assert_array_equal(arrays["flux"], flux[nz // 3 : nz // 3 + 1])
    assert part.box == {"z": range(nz // 3, nz // 3 + 1), "y": range(ny), "x": range(nx)}
    assert part.index["z"].tolist() == [nz // 3]
    assert part.index["x"].tolist() == list(range(nx))


@CUBES
def test_a_box(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    cube = oracle.cube_arrays(path)
    arrays, _ = cut(path, Cutout(ranges={"z": (2, 7), "y": (1, 3), "x": (2, 5)}))
    box = np.s_[2:8, 1:4, 2:6]
    np.testing.assert_array_equal(arrays["flux"], cube.flux[box])
    np.testing.assert_allclose(arrays["wavelength"], cube.wavelength[2:8], rtol=1e-12)
    if "fluxErr" in arrays:
        np.testing.assert_array_equal(arrays["fluxErr"], cube.error[box])
        np.testing.assert_array_equal(arrays["dq"], cube.dq[box])
    for angle, expected in zip(("ra", "dec"), oracle.cube_axes(path)[1:], strict=True):
        np.testing.assert_allclose(arrays[angle], expected[1:4, 2:6], rtol=0, atol=1e-9)


@CUBES
def test_a_spaxel(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    flux = oracle.cube_arrays(path).flux
    _, ny, nx = flux.shape
    y, x = ny // 2, nx // 3
    arrays, part = cut(path, Cutout(spectrum=y * nx + x))
    np.testing.assert_array_equal(arrays["flux"], flux[:, y, x])
    assert arrays["ra"].shape == (1,)
    assert not part.box
    assert list(part.index) == ["z"]
    boxed, _ = cut(path, Cutout(ranges={"x": (x, x), "y": (y, y)}, columns=("flux",)))
    np.testing.assert_array_equal(boxed["flux"][:, 0, 0], flux[:, y, x])


@CUBES
def test_planes_in_a_range_of_wavelengths(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    whole, _ = cut(path, Cutout(columns=("wavelength", "flux")))
    low, high = whole["wavelength"][[3, 6]].tolist()
    arrays, _ = cut(path, Cutout(wavelength=(low, high), columns=("wavelength", "flux")))
    for name, values in arrays.items():
        np.testing.assert_array_equal(values, whole[name][3:7])


@CUBES
def test_the_mean_over_wavelength(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    cube = oracle.cube_arrays(path)
    arrays, part = cut(path, Cutout(binning=Binning({"wavelength": None})))
    assert_combined(arrays, combined(cube.flux, cube.error, cube.good, 0))
    assert arrays["wavelength"].shape == (1,)
    assert arrays["ra"].shape == cube.flux.shape[1:]
    assert list(part.index) == ["y", "x"]


@CUBES
def test_the_sum_of_planes(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    cube = oracle.cube_arrays(path)
    binning = Binning({"z": None}, total=True)
    arrays, _ = cut(path, Cutout(ranges={"z": (3, 7)}, binning=binning))
    mean, error, n = combined(cube.flux[3:8], cube.error[3:8], cube.good[3:8], 0)
    assert_combined(arrays, (mean * n, error * n, n))


@CUBES
def test_groups_of_pixels(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    cube = oracle.cube_arrays(path)
    ranges: dict[str, tuple[int, int]] = {"z": (0, 8), "y": (2, 3), "x": (1, 4)}
    cutout = Cutout(ranges=ranges, binning=Binning({"z": 4, "x": 3}))  # type: ignore[arg-type]
    arrays, part = cut(path, cutout)
    assert arrays["flux"].shape == (3, 2, 2)  # the last groups are smaller
    for z, planes in enumerate((slice(0, 4), slice(4, 8), slice(8, 9))):
        for x, columns in enumerate((slice(1, 4), slice(4, 5))):
            box = (planes, slice(2, 4), columns)
            expected = combined(cube.flux[box], cube.error[box], cube.good[box], (0, 2))
            assert_combined(arrays, expected, np.s_[z, :, x])
    assert part.index["z"].tolist() == [0, 4, 8]
    assert part.index["x"].tolist() == [1, 4]
    means = [cube.wavelength[part].mean() for part in (np.s_[:4], np.s_[4:8], np.s_[8:9])]
    np.testing.assert_allclose(arrays["wavelength"], means)


@CUBES
def test_an_aperture(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    cube = oracle.cube_arrays(path)
    _, ra, dec = oracle.cube_axes(path)
    y, x = ra.shape[0] // 2, ra.shape[1] // 2
    centre, others = SkyCoord(ra[y, x], dec[y, x], unit="deg"), SkyCoord(ra, dec, unit="deg")
    separation = centre.separation(others).to_value(u.deg)
    radius = float(np.sort(separation.ravel())[[8, 9]].mean())
    inside = separation <= radius
    cone = Cone(float(ra[y, x]), float(dec[y, x]), radius)
    arrays, part = cut(path, Cutout(cone=cone, columns=("flux", "inside")))
    box = np.s_[part.box["y"].start : part.box["y"].stop, part.box["x"].start : part.box["x"].stop]
    np.testing.assert_array_equal(arrays["inside"], inside[box])
    assert arrays["inside"].sum() == inside.sum() == 9
    np.testing.assert_array_equal(arrays["flux"], cube.flux[:, box[0], box[1]])
    spectrum, _ = cut(path, Cutout(cone=cone, binning=Binning({"x": None, "y": None})))
    expected = combined(cube.flux[:, inside], cube.error[:, inside], cube.good[:, inside], 1)
    assert_combined(spectrum, expected)


@CUBES
def test_good_voxels(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    good = oracle.cube_arrays(path).good
    ranges: dict[str, tuple[int, int]] = {"z": (1, 6), "y": (1, 3), "x": (2, 4)}
    arrays, _ = cut(path, Cutout(ranges=ranges, columns=("good",)))  # type: ignore[arg-type]
    np.testing.assert_array_equal(arrays["good"], good[1:7, 1:4, 2:5])
    arrays, _ = cut(path, Cutout(spectrum=good.shape[2] + 2, columns=("good",)))
    np.testing.assert_array_equal(arrays["good"], good[:, 1, 2])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    layout = next(layout for layout in LAYOUTS if layout.key == "s3d-linear")
    return write_layout(layout, tmp_path_factory.mktemp("cube"))


SIZES = st.none() | st.integers(1, 13)


@given(st.dictionaries(st.sampled_from("xyz"), SIZES, min_size=1), st.booleans())
@settings(deadline=None, max_examples=50)
def test_groups_of_any_size_contain_all_good_pixels(
    small: Path, sizes: dict[str, int | None], total: bool
) -> None:
    cube = oracle.cube_arrays(small)
    arrays, _ = cut(small, Cutout(binning=Binning(sizes, total=total)))
    assert arrays["nGood"].sum() == cube.good.sum()
    flux = arrays["flux"] if total else arrays["flux"] * arrays["nGood"]
    np.testing.assert_allclose(np.nansum(flux), cube.flux[cube.good].sum(), rtol=1e-10)


@pytest.mark.parametrize(
    ("cutout", "error", "message"),
    [
        (Cutout(ranges={"x": (0, 5000)}), BadQueryError, "between 0 and"),
        (Cutout(spectrum=3, ranges={"x": (1, 1)}), BadQueryError, "fixes this index"),
        (Cutout(spectrum=5000), NotHeldError, "no spectrum 5000"),
        (Cutout(wavelength=(900.0, 901.0)), NotHeldError, "Available wavelengths"),
        (Cutout(cone=Cone(100.0, 80.0, 0.001)), NotHeldError, "The nearest is"),
        (Cutout(binning=Binning({"w": None})), BadQueryError, "no axis 'w'. Axes: z, y, x"),
        (Cutout(binning=Binning({"z": 2, "wavelength": 2})), BadQueryError, "same axis"),
        (Cutout(columns=("fluks",)), BadQueryError, "no array 'fluks'"),
    ],
)
def test_invalid_cutouts_are_rejected(
    small: Path, cutout: Cutout, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        cut(small, cutout)
