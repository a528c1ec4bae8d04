"""Flux densities and backgrounds of apertures on cubes, compared with numpy and astropy."""

from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from numpy.typing import NDArray

from spectraldb.cutouts.request import Annulus, Binning, Cutout
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.products.pixel_area import ARCSEC2, flux_density_unit
from spectraldb.query.retrieval import parse_retrieval
from spectraldb.sky import Cone
from tests.cutouts.arrays import cut
from tests.support import oracle
from tests.support.layouts import LAYOUTS, write_layout
from tests.support.product_files import ProductFile, for_files, path_of

SUM = Binning({"x": None, "y": None}, total=True)
MEAN = Binning({"x": None, "y": None})
CUBES = for_files("s3d")


def separations(path: Path) -> tuple[Cone, NDArray[np.float64]]:
    """Return a circle around a spaxel near the middle, and the separations of all from it."""
    _, ra, dec = oracle.cube_axes(path)
    y, x = ra.shape[0] // 2, ra.shape[1] // 2
    sky = SkyCoord(ra, dec, unit="deg")
    distance = sky.separation(sky[y, x]).deg
    radius = float(np.sort(distance, axis=None)[min(12, distance.size - 1)])
    return Cone(float(ra[y, x]), float(dec[y, x]), radius * 1.001), distance


@CUBES
def test_sum_over_spaxels_is_a_flux_density(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    header = fits.getheader(path, "SCI")
    if not header.get("PIXAR_SR") or header["BUNIT"].strip() != "MJy/sr":
        pytest.skip("its flux is not a surface brightness, or it has no PIXAR_SR")
    cube = oracle.cube_arrays(path)
    cone, distance = separations(path)
    inside = distance <= cone.radius
    arrays, part = cut(path, Cutout(cone=cone, binning=SUM))
    unit = u.Unit("MJy/sr") * (header["PIXAR_SR"] * u.sr)
    expected = (np.where(cube.good, cube.flux, 0)[:, inside].sum(axis=1) * unit).to_value("Jy")
    used = cube.good[:, inside].any(axis=1)
    np.testing.assert_allclose(arrays["flux"][used], expected[used], rtol=1e-6)
    assert np.isnan(arrays["flux"][~used]).all()
    columns = {column.name: column for column in part.columns}
    assert columns["flux"].unit == columns["fluxErr"].unit == "Jy"
    assert "(PIXAR_SR)" in columns["flux"].description
    assert part.pixel_area == header["PIXAR_SR"]


@CUBES
def test_mean_stays_a_surface_brightness(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    _, part = cut(path, Cutout(cone=separations(path)[0], binning=MEAN))
    whole, _ = cut(path, Cutout())
    assert "flux" in whole
    assert {c.unit for c in part.columns if c.name == "flux"} != {"Jy"}
    assert part.pixel_area is None


def test_sum_of_planes_stays_a_surface_brightness(tmp_path: Path) -> None:
    path = write_cube(tmp_path)
    _, part = cut(path, Cutout(binning=Binning({"z": None}, total=True)))
    assert part.pixel_area is None


@CUBES
@pytest.mark.parametrize("binning", [SUM, MEAN], ids=["sum", "mean"])
def test_background(source: ProductFile, tmp_path: Path, binning: Binning) -> None:
    path = path_of(source, tmp_path)
    cube = oracle.cube_arrays(path)
    cone, distance = separations(path)
    annulus = Annulus(cone.radius, 1.7 * cone.radius)
    ring = (distance >= annulus.inner) & (distance <= annulus.outer)
    if not ring.any():
        pytest.skip("the cube is too small")
    plain, _ = cut(path, Cutout(cone=cone, binning=binning))
    arrays, part = cut(path, Cutout(cone=cone, binning=binning, annulus=annulus))
    good = cube.good[:, ring]
    n = good.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(good, cube.flux[:, ring], 0).sum(axis=1) / n
        error = np.sqrt(np.where(good, cube.error[:, ring], 0) ** 2).astype("f8")
        error = np.sqrt((error**2).sum(axis=1)) / n
    scale = {c.name: c.unit for c in part.columns}["flux"] == "Jy"
    factor = (part.pixel_area or 0) * 1e6 if scale else 1.0
    n_source = arrays["nGood"] if binning.total else 1
    np.testing.assert_array_equal(arrays["nBackground"], n)
    np.testing.assert_allclose(arrays["background"], mean, rtol=1e-6)
    np.testing.assert_allclose(
        arrays["flux"], plain["flux"] - n_source * mean * factor, rtol=1e-6, atol=1e-12
    )
    expected = np.hypot(plain["fluxErr"], n_source * error * factor)
    np.testing.assert_allclose(arrays["fluxErr"], expected, rtol=1e-6)


def test_background_of_a_range_of_planes(tmp_path: Path) -> None:
    path = write_cube(tmp_path)
    cone, _ = separations(path)
    annulus = Annulus(cone.radius, 2 * cone.radius)
    whole, _ = cut(path, Cutout(cone=cone, binning=SUM, annulus=annulus))
    part, _ = cut(path, Cutout(cone=cone, binning=SUM, annulus=annulus, ranges={"z": (2, 4)}))
    for name, values in part.items():
        np.testing.assert_array_equal(values, whole[name][2:5])


def test_solid_angle_in_square_arcseconds(tmp_path: Path) -> None:
    path = write_cube(tmp_path)
    area = (0.04 * u.arcsec**2).to_value("sr")
    with fits.open(path, mode="update") as hdus:
        del hdus["SCI"].header["PIXAR_SR"]
        hdus["SCI"].header["PIXAR_A2"] = 0.04
    _, part = cut(path, Cutout(binning=SUM))
    assert part.pixel_area == pytest.approx(area, rel=1e-12)
    with fits.open(path, mode="update") as hdus:
        del hdus["SCI"].header["PIXAR_A2"]
    _, part = cut(path, Cutout(binning=SUM))
    assert part.pixel_area is None
    assert {c.name: c.unit for c in part.columns}["flux"] == "MJy/sr"


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("MJy/sr", ("Jy", 1e6)),
        ("Jy/arcsec2", ("Jy", 1 / ARCSEC2)),
        ("erg s-1 cm-2 um-1 arcsec-2", ("erg / (um s cm2)", 1 / ARCSEC2)),
        ("Jy", None),
        ("DN/s", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_units_of_flux_density(unit: str, expected: tuple[str, float] | None) -> None:
    found = flux_density_unit(unit)
    if expected is None or found is None:
        assert found == expected
        return
    assert u.Unit(found[0]) == u.Unit(expected[0])
    assert found[1] == pytest.approx(expected[1], rel=1e-12)


def test_annulus_without_spaxels(tmp_path: Path) -> None:
    path = write_cube(tmp_path)
    cone, _ = separations(path)
    cutout = Cutout(cone=cone, binning=SUM, annulus=Annulus(1.0, 2.0))
    with pytest.raises(NotHeldError, match="No spaxel of the cube is in the annulus"):
        cut(path, cutout)


def test_annulus_of_a_product_that_is_no_cube(tmp_path: Path) -> None:
    path = write_layout(next(x for x in LAYOUTS if x.key == "x1d-mos"), tmp_path)
    with pytest.raises(BadQueryError, match="is not a cube"):
        cut(path, Cutout(annulus=Annulus(0.1, 0.2)))


CIRCLE = {"ra": "10", "dec": "20", "radius": "0.5arcsec", "bin": "x,y"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"annulus": "0.8,1.2arcsec"}, "Requires a circle"),
        ({**CIRCLE, "annulus": "0.8,1.2arcsec", "bin": "x"}, "Add bin=x,y"),
        ({**CIRCLE, "annulus": "1.2,0.8arcsec"}, "Example: annulus=0.8,1.2arcsec"),
        ({**CIRCLE, "annulus": "1arcsec"}, "annulus: A range takes two values"),
        ({**CIRCLE, "annulus": "1,2Jy"}, "annulus: Jy cannot be converted to deg"),
    ],
)
def test_invalid_annulus(parameters: dict[str, str], message: str) -> None:
    with pytest.raises(BadQueryError, match=message):
        parse_retrieval(parameters.items())


@pytest.mark.parametrize("text", ["0.8,1.2arcsec", "0.8arcsec, 1.2arcsec", "0.8,1.2 arcsec"])
def test_annulus_in_a_unit(text: str) -> None:
    annulus = parse_retrieval({**CIRCLE, "annulus": text}.items()).cutout.annulus
    assert annulus is not None
    assert (annulus.inner, annulus.outer) == pytest.approx((0.8 / 3600, 1.2 / 3600), rel=1e-12)


def write_cube(folder: Path) -> Path:
    """Write a synthetic cube whose header has the solid angle of its spaxels."""
    path = write_layout(next(x for x in LAYOUTS if x.key == "s3d-linear"), folder)
    with fits.open(path, mode="update") as hdus:
        hdus["SCI"].header["PIXAR_SR"] = 1e-12
    return path
