"""World coordinates of cubes in every form of the FITS WCS, compared with astropy."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from hypothesis import given, settings
from hypothesis import strategies as st

from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile
from spectraldb.products.cube_wavelength import _by_astropy, air_to_vacuum, cube_wavelength
from spectraldb.products.cube_wcs import celestial_keywords, cube_sky
from spectraldb.products.open import open_product

NZ, NY, NX = 6, 4, 5
Cards = dict[str, Any]
SKY: Cards = {
    "CTYPE1": "RA---TAN",
    "CTYPE2": "DEC--TAN",
    "CUNIT1": "deg",
    "CUNIT2": "deg",
    "CRVAL1": 30.0,
    "CRVAL2": 1.0,
    "CRPIX1": 2.0,
    "CRPIX2": 3.0,
    "CDELT1": -3e-5,
    "CDELT2": 3e-5,
    "RADESYS": "ICRS",
}
WAVE: Cards = {
    "CTYPE3": "WAVE",
    "CUNIT3": "um",
    "CRVAL3": 5.0,
    "CRPIX3": 1.0,
    "CDELT3": 0.01,
}


def write(folder: Path, cards: Cards) -> Path:
    """Write a cube with these WCS keywords."""
    sci = fits.ImageHDU(np.ones((NZ, NY, NX), "f4"), name="SCI")
    sci.header["BUNIT"] = "MJy/sr"
    sci.header.update(cards)
    primary = fits.PrimaryHDU()
    primary.header["TELESCOP"] = "JWST"
    primary.header["DATAMODL"] = "IFUCubeModel"
    path = folder / "cube_s3d.fits"
    fits.HDUList([primary, sci]).writeto(path, overwrite=True)
    return path


def wavelength_of(path: Path) -> Any:
    with FitsFile(path) as file:
        sci = file.image("SCI")
        assert sci is not None
        return cube_wavelength(file, sci.header)


def sky_of(path: Path) -> Any:
    with FitsFile(path) as file:
        sci = file.image("SCI")
        assert sci is not None
        return cube_sky(sci)


def world_of(path: Path) -> tuple[SkyCoord, Any]:
    """Return the positions and the wavelengths in micron by astropy's own interface."""
    with fits.open(path) as hdus, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wcs = WCS(hdus["SCI"].header)
        y, x = np.mgrid[:NY, :NX]
        sky = wcs.celestial.pixel_to_world(x, y)
        spectral = wcs.spectral.pixel_to_world(np.arange(NZ))
        return sky, spectral.to_value(u.um, equivalencies=u.spectral())


numbers = st.floats(0.5, 5.0)
steps = st.floats(-2e-2, 2e-2).filter(lambda step: abs(step) > 1e-4)


@settings(max_examples=60, deadline=None)
@given(
    start=numbers,
    step=steps,
    reference=st.floats(-3, 8),
    unit=st.sampled_from(["um", "m", "nm", "Angstrom", "mm", "cm"]),
    form=st.sampled_from(["CDELT", "PC", "CD"]),
    scale=st.floats(0.01, 3.0),
)
def test_linear_wavelengths(  # noqa: PLR0917 - each is drawn
    tmp_path_factory: pytest.TempPathFactory,
    start: float,
    step: float,
    reference: float,
    unit: str,
    form: str,
    scale: float,
) -> None:
    """The fast path and astropy agree."""
    factor = u.um.to(u.Unit(unit))
    cards = SKY | {"CTYPE3": "WAVE", "CUNIT3": unit, "CRVAL3": start * factor, "CRPIX3": reference}
    if form == "CD":
        cards |= {"CD1_1": -3e-5, "CD2_2": 3e-5, "CD1_2": 1e-6, "CD3_3": step * factor}
        del cards["CDELT1"], cards["CDELT2"]
    else:
        cards["CDELT3"] = step * factor
        if form == "PC":
            cards["PC3_3"] = scale
    path = write(tmp_path_factory.mktemp("cube"), cards)
    expected = world_of(path)[1]
    np.testing.assert_allclose(wavelength_of(path), expected, rtol=1e-12, atol=1e-12)
    with FitsFile(path) as file:
        sci = file.image("SCI")
        assert sci is not None
        np.testing.assert_allclose(_by_astropy(sci.header), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "cards",
    [
        {"CTYPE3": "WAVE-LOG", "CUNIT3": "um", "CRVAL3": 5.0, "CDELT3": 0.01},
        {"CTYPE3": "WAVE-LOG", "CUNIT3": "Angstrom", "CRVAL3": 50000.0, "CDELT3": 100.0},
        {"CTYPE3": "FREQ", "CUNIT3": "Hz", "CRVAL3": 6e13, "CDELT3": -1e10},
        {"CTYPE3": "FREQ", "CUNIT3": "THz", "CRVAL3": 60.0, "CDELT3": -0.01},
        {"CTYPE3": "FREQ-LOG", "CUNIT3": "Hz", "CRVAL3": 6e13, "CDELT3": -1e10},
        {"CTYPE3": "WAVN", "CUNIT3": "m-1", "CRVAL3": 2e5, "CDELT3": -10.0},
        {"CTYPE3": "WAVN", "CUNIT3": "cm-1", "CRVAL3": 2000.0, "CDELT3": -0.1},
        {"CTYPE3": "ENER", "CUNIT3": "eV", "CRVAL3": 0.25, "CDELT3": -1e-4},
        {"CTYPE3": "ENER-LOG", "CUNIT3": "eV", "CRVAL3": 0.25, "CDELT3": -1e-4},
        {"CTYPE3": "WAVE-F2W", "CUNIT3": "m", "CRVAL3": 5e-6, "CDELT3": 1e-8},
        {"CTYPE3": "FREQ-W2F", "CUNIT3": "Hz", "CRVAL3": 6e13, "CDELT3": -1e10},
        {"CTYPE3": "VOPT", "CUNIT3": "m/s", "CRVAL3": 1e6, "CDELT3": 1e4, "RESTWAV": 5e-6},
        {"CTYPE3": "VRAD", "CUNIT3": "km/s", "CRVAL3": 1e3, "CDELT3": 10.0, "RESTFRQ": 6e13},
        {"CTYPE3": "VELO", "CUNIT3": "m/s", "CRVAL3": 1e6, "CDELT3": 1e4, "RESTFRQ": 6e13},
        {"CTYPE3": "ZOPT", "CUNIT3": "", "CRVAL3": 0.1, "CDELT3": 1e-3, "RESTWAV": 5e-6},
    ],
    ids=lambda cards: f"{cards['CTYPE3']} {cards['CUNIT3']}",
)
def test_algorithms_of_paper_iii(tmp_path: Path, cards: Cards) -> None:
    path = write(tmp_path, SKY | {"CRPIX3": 1.0} | cards)
    found = wavelength_of(path)
    if cards["CTYPE3"][:4] in ("VOPT", "VRAD", "VELO", "ZOPT"):
        expected = by_doppler(cards)
    elif cards["CTYPE3"].startswith("ENER"):  # wcslib's electron volt differs by 5e-7
        steps = np.arange(NZ) * cards["CDELT3"] / cards["CRVAL3"]
        energy = cards["CRVAL3"] * (np.exp(steps) if "LOG" in cards["CTYPE3"] else 1 + steps)
        expected = (energy * u.eV).to_value(u.um, u.spectral())
    else:
        expected = world_of(path)[1]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert np.ptp(found) > 0


def by_doppler(cards: Cards) -> Any:
    """Return wavelengths of velocities by the definitions of paper III, table 2."""
    values = cards["CRVAL3"] + np.arange(NZ) * cards["CDELT3"]
    kind = cards["CTYPE3"]
    if kind == "ZOPT":
        return cards["RESTWAV"] * 1e6 * (1 + values)
    speed = values * u.Unit(cards["CUNIT3"])
    if kind == "VOPT":
        return speed.to_value(u.um, u.doppler_optical(cards["RESTWAV"] * u.m))
    doppler = u.doppler_radio if kind == "VRAD" else u.doppler_relativistic
    return speed.to_value(u.um, doppler(cards["RESTFRQ"] * u.Hz))


@pytest.mark.parametrize("algorithm", ["", "-LOG"])
def test_wavelengths_in_air(tmp_path: Path, algorithm: str) -> None:
    cards = WAVE | {"CTYPE3": f"AWAV{algorithm}"}
    path = write(tmp_path, SKY | cards)
    air = 5 + 0.01 * np.arange(NZ)
    if algorithm:
        air = 5 * np.exp(0.01 * np.arange(NZ) / 5)
    np.testing.assert_allclose(wavelength_of(path), air_to_vacuum(air), rtol=1e-9)


def test_refraction_of_air() -> None:
    # The pair of sodium D2: 5889.95 in air is 5891.58 in vacuum (in Angstrom).
    assert air_to_vacuum(np.array([0.588995]))[0] == pytest.approx(0.589158, abs=1e-6)


def test_unit_spellings(tmp_path: Path) -> None:
    for unit in ("micron", "MICRON", "microns", "um", "UM"):
        path = write(tmp_path, SKY | WAVE | {"CUNIT3": unit})
        np.testing.assert_allclose(wavelength_of(path), 5 + 0.01 * np.arange(NZ), rtol=1e-14)


FRAMES: list[Cards] = [
    {"RADESYS": "ICRS"},
    {"RADESYS": "FK5", "EQUINOX": 2000.0},
    {"RADESYS": "FK5", "EQUINOX": 1975.0},
    {"RADESYS": "FK4", "EQUINOX": 1950.0, "MJD-OBS": 59000.0},
    {"RADESYS": None, "EQUINOX": 2000.0},
    {"RADESYS": None},
    {"CTYPE1": "GLON-TAN", "CTYPE2": "GLAT-TAN", "RADESYS": None},
    {"CTYPE1": "DEC--TAN", "CTYPE2": "RA---TAN", "CRVAL1": 1.0, "CRVAL2": 30.0},
    {"CTYPE1": "GLAT-TAN", "CTYPE2": "GLON-TAN", "CRVAL1": 1.0, "CRVAL2": 30.0, "RADESYS": None},
    {"CTYPE1": "RA---SIN", "CTYPE2": "DEC--SIN"},
    {"CTYPE1": "RA---CAR", "CTYPE2": "DEC--CAR", "LONPOLE": 0.0},
    {"CUNIT1": "arcsec", "CUNIT2": "arcsec", "CDELT1": -0.1, "CDELT2": 0.1, "CRVAL1": 108000.0},
    {"PC1_1": 0.8, "PC1_2": 0.6, "PC2_1": -0.6, "PC2_2": 0.8},
    {"CROTA2": 30.0},
]


@pytest.mark.parametrize("cards", FRAMES, ids=str)
def test_positions_in_any_frame(tmp_path: Path, cards: Cards) -> None:
    merged = {k: v for k, v in (SKY | WAVE | cards).items() if v is not None}
    path = write(tmp_path, merged)
    ra, dec = sky_of(path)
    expected = world_of(path)[0].icrs
    np.testing.assert_allclose(ra, expected.ra.deg, rtol=0, atol=1e-9)
    np.testing.assert_allclose(dec, expected.dec.deg, rtol=0, atol=1e-9)


def test_ecliptic_positions(tmp_path: Path) -> None:
    ecliptic = {"CTYPE1": "ELON-TAN", "CTYPE2": "ELAT-TAN", "RADESYS": "FK5", "EQUINOX": 2000.0}
    ra, dec = sky_of(write(tmp_path, SKY | WAVE | ecliptic))
    centre = SkyCoord(30, 1, unit="deg", frame="barycentricmeanecliptic", equinox="J2000").icrs
    assert ra[2, 1] == pytest.approx(centre.ra.deg, abs=1e-9)
    assert dec[2, 1] == pytest.approx(centre.dec.deg, abs=1e-9)


@pytest.mark.parametrize("kinds", [("", ""), ("LINEAR", "LINEAR"), ("X", "Y")])
def test_axes_that_are_not_celestial(tmp_path: Path, kinds: tuple[str, str]) -> None:
    path = write(tmp_path, SKY | WAVE | {"CTYPE1": kinds[0], "CTYPE2": kinds[1]})
    ra, dec = sky_of(path)
    assert np.isnan(ra).all()
    assert np.isnan(dec).all()
    assert ra.shape == (NY, NX)
    with open_product(path) as product:
        assert product.celestial_wcs(0, 0) == {}
        assert all(block.spectra["positionFrom"] is None for block in product.blocks())


@pytest.mark.parametrize("cards", FRAMES, ids=str)
def test_keywords_of_a_cutout(tmp_path: Path, cards: Cards) -> None:
    merged = {k: v for k, v in (SKY | WAVE | cards).items() if v is not None}
    path = write(tmp_path, merged)
    with FitsFile(path) as file:
        sci = file.image("SCI")
        assert sci is not None
        keywords = celestial_keywords(sci.header, x=2, y=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        part = WCS(fits.Header({"WCSAXES": 2, **keywords})).pixel_to_world_values(0, 0)
        whole = WCS(fits.getheader(path, "SCI")).celestial.pixel_to_world_values(2, 1)
    np.testing.assert_allclose(part, whole, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("cards", "message"),
    [
        ({"PC3_1": 1e-3}, "differ within a plane"),
        ({"PC1_3": 1e-3}, "differ within a plane"),
        ({"CUNIT3": "Jy"}, "'Jy', which is none"),
        ({"CUNIT3": "furlong"}, "'furlong', which is none"),
        ({"CTYPE3": "STOKES"}, "not a spectral axis"),
        ({"CTYPE1": "WAVE", "CTYPE3": "DEC--TAN"}, "is axis 1"),
        ({"CDELT3": 0.0}, "has no wavelengths"),
        ({"CTYPE3": "WAVE-XYZ"}, "cannot be (computed|read)"),
    ],
)
def test_forms_that_are_refused(tmp_path: Path, cards: Cards, message: str) -> None:
    path = write(tmp_path, SKY | WAVE | cards)
    with pytest.raises(RefusedError, match=message):
        wavelength_of(path)


def test_leftovers_of_sip_are_ignored(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    leftovers = {"A_ORDER": 2, "B_ORDER": 2, "A_0_2": 1e-5, "B_2_0": 1e-5}
    plain = sky_of(write(tmp_path, SKY | WAVE))
    found = sky_of(write(tmp_path, SKY | WAVE | leftovers))
    np.testing.assert_array_equal(found, plain)
    assert not caplog.records


@pytest.mark.parametrize("kind", ["WAVE", "FREQ", "AWAV", "WAVN", "VOPT", "WAVE-LOG"])
def test_cubes_are_found_by_their_spectral_axis(tmp_path: Path, kind: str) -> None:
    cards = {"CTYPE3": kind, "CUNIT3": "", "CRVAL3": 1.0, "CDELT3": 0.1, "RESTWAV": 1.0}
    path = write(tmp_path, SKY | {"CRPIX3": 1.0} | cards)
    with fits.open(path, mode="update") as hdus:
        del hdus[0].header["DATAMODL"]
    path = path.rename(tmp_path / "cube.fits")
    with open_product(path) as product:
        assert product.product_type == "s3d"
