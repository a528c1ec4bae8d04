"""Tests of the world coordinates of slits and cubes, compared with astropy and gwcs."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile
from spectraldb.products.cube_wavelength import cube_wavelength
from spectraldb.products.cube_wcs import celestial_keywords, cube_sky
from spectraldb.products.wcs import slit_table_wavelength, slit_world
from tests.support import oracle
from tests.support.product_files import ProductFile, for_files, path_of


@for_files("s2d")
def test_slit_coordinates_match_gwcs(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    with FitsFile(path) as file:
        slits = [hdu for hdu in file.images() if hdu.name == "SCI"]
        for i, sci in enumerate(slits):
            ny, nx = sci.shape
            world = slit_world(file, i, (ny, nx))
            assert world is not None
            expected = oracle.slit_world(path, i)
            for values, from_gwcs in zip(
                (world.ra, world.dec, world.wavelength), expected, strict=True
            ):
                np.testing.assert_array_equal(values, from_gwcs)
        assert slit_world(file, len(slits), (1, 1)) is None or len(slits) == 1


@for_files("s3d")
def test_cube_coordinates_match_astropy(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    wavelength, expected_ra, expected_dec = oracle.cube_axes(path)
    with FitsFile(path) as file:
        sci = file.image("SCI")
        assert sci is not None
        np.testing.assert_allclose(cube_wavelength(file, sci.header), wavelength, rtol=1e-6)
        ra, dec = cube_sky(sci)
    np.testing.assert_allclose(ra, expected_ra, rtol=0, atol=1e-9)
    np.testing.assert_allclose(dec, expected_dec, rtol=0, atol=1e-9)
    assert ra.min() >= 0
    assert ra.max() < 360


@for_files("s3d")
def test_cutout_keywords_match_its_positions(source: ProductFile, tmp_path: Path) -> None:
    with FitsFile(path_of(source, tmp_path)) as file:
        sci = file.image("SCI")
        assert sci is not None
        keywords = celestial_keywords(sci.header, x=2, y=1)
        ra, dec = (angle[1:, 2:] for angle in cube_sky(sci))
    y, x = np.mgrid[: ra.shape[0], : ra.shape[1]]
    lon, lat = WCS(fits.Header({"WCSAXES": 2, **keywords})).pixel_to_world_values(x, y)
    np.testing.assert_allclose(lon % 360, ra, rtol=0, atol=1e-11)
    np.testing.assert_allclose(lat, dec, rtol=0, atol=1e-11)


def write(path: Path, cards: dict[str, object], table: list[float] | None = None) -> Path:
    """Write a cube with four planes and, optionally, a table of wavelengths."""
    sci = fits.ImageHDU(np.zeros((4, 2, 3), "f4"), name="SCI")
    sci.header.update(cards)
    hdus = [fits.PrimaryHDU(), sci]
    if table is not None:
        column = fits.Column("wavelength", f"{len(table)}D", array=np.array([table]))
        hdus.append(fits.BinTableHDU.from_columns([column], name="WCS-TABLE"))
    fits.HDUList(hdus).writeto(path)
    return path


LINEAR = {"CTYPE3": "WAVE", "CRVAL3": 2.0, "CDELT3": 0.5, "CRPIX3": 1.0}
TABULATED = {"CTYPE3": "WAVE-TAB", "CRVAL3": 1.0, "CDELT3": 1.0, "CRPIX3": 1.0}


@pytest.mark.parametrize(
    ("cards", "table", "expected"),
    [
        (LINEAR, None, [2.0, 2.5, 3.0, 3.5]),
        (LINEAR | {"CUNIT3": "m", "CRVAL3": 2e-6, "CDELT3": 5e-7}, None, [2.0, 2.5, 3.0, 3.5]),
        (LINEAR | {"CUNIT3": "nm"}, None, [0.002, 0.0025, 0.003, 0.0035]),
        (LINEAR, [1.0, 2.0, 4.0, 8.0], [1.0, 2.0, 4.0, 8.0]),
        (LINEAR, [1.0, 2.0], [2.0, 2.5, 3.0, 3.5]),  # a table of the wrong length is ignored
        (TABULATED, [1.0, 2.0, 4.0, 8.0], [1.0, 2.0, 4.0, 8.0]),
        (TABULATED | {"CRVAL3": 2.0}, [1.0, 2.0, 4.0, 8.0, 16.0], [2.0, 4.0, 8.0, 16.0]),
        (TABULATED | {"CDELT3": 0.5}, [1.0, 2.0, 4.0, 8.0], [1.0, 1.5, 2.0, 3.0]),
    ],
)
def test_wavelengths_of_a_cube(
    cards: dict[str, object], table: list[float] | None, expected: list[float], tmp_path: Path
) -> None:
    with FitsFile(write(tmp_path / "cube.fits", cards, table)) as file:
        wavelength = cube_wavelength(file, file.images()[0].header)
    np.testing.assert_allclose(wavelength, expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("cards", "table", "message"),
    [
        ({"CTYPE3": "WAVE"}, None, "no wavelengths"),
        (LINEAR | {"CUNIT3": "Jy"}, None, "'Jy', which is none"),
        (TABULATED, [1.0, 2.0], "refers to numbers 1 to 4"),
        (TABULATED | {"CRVAL3": 0.0}, [1.0, 2.0, 4.0, 8.0], "refers to numbers 0 to 3"),
    ],
)
def test_cubes_without_wavelengths_are_refused(
    cards: dict[str, object], table: list[float] | None, message: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "cube.fits", cards, table)
    with FitsFile(path) as file, pytest.raises(RefusedError, match=message):
        cube_wavelength(file, file.images()[0].header)


def test_slit_without_a_table(tmp_path: Path) -> None:
    with FitsFile(write(tmp_path / "slit.fits", {}, [1.0])) as file:
        header = file.images()[0].header
        assert slit_table_wavelength(file, header, 1) is None
        assert slit_table_wavelength(file, {**header, "PS1_1": "other"}, 1) is None
