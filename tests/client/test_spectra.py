"""Products as specutils spectra and as figures."""

from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from matplotlib.figure import Figure
from specutils import Spectrum

from spectraldb import SpectralDB
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.service.service import Service

CUBE = "Level3_ch4-medium_s3d.fits"
IMAGE = "jw02736-o007_s06355_nirspec_f290lp-g395m_s2d.fits"
TABLE = "jw02736-o007_s06355_nirspec_f290lp-g395m_x1d.fits"


def test_every_1d_product(db: SpectralDB, real: Service) -> None:
    for row in real.products():
        if row["productType"] not in ("x1d", "c1d") or row["nSpectra"] > 40:
            continue
        product = db.retrieve(row["uri"])
        spectra = product.spectra()
        numbers = product.arrays.get("spectrum", np.zeros(len(product.array("flux")), int))
        for spectrum, number in zip(spectra, np.unique(np.asarray(numbers)), strict=True):
            of_it = np.asarray(numbers) == number
            wavelength = product.array("wavelength")[of_it]
            placed = np.isfinite(wavelength) & (wavelength > 0)
            np.testing.assert_array_equal(spectrum.spectral_axis.to_value(u.um), wavelength[placed])
            np.testing.assert_array_equal(spectrum.flux.value, product.array("flux")[of_it][placed])
            np.testing.assert_array_equal(
                spectrum.uncertainty.array, product.array("fluxErr")[of_it][placed]
            )
            np.testing.assert_array_equal(spectrum.mask, ~product.good[of_it][placed])
            assert spectrum.flux.unit == product["flux"].unit
            assert spectrum.meta["uri"] == row["uri"]
            assert spectrum.meta.get("withoutWavelength", 0) == (~placed).sum()


def test_the_spectrum_of_a_product(db: SpectralDB) -> None:
    product = db.retrieve(TABLE)
    spectrum = product.spectrum()
    assert isinstance(spectrum, Spectrum)
    assert spectrum.meta["sourceId"] == product.spectra_info[0]["sourceId"]
    bright = product.spectrum(what="surfBright")
    assert bright.flux.unit == u.MJy / u.sr
    np.testing.assert_array_equal(bright.uncertainty.array, product.arrays["sbErr"])
    with pytest.raises(NotHeldError, match="no spectrum 3 here: there are 0"):
        product.spectrum(3)


def test_of_several_one_must_be_named(layouts: Service) -> None:
    several = [
        row["uri"]
        for row in layouts.products()
        if row["productType"] in ("x1d", "c1d", "x1dints") and row["nSpectra"] > 1
    ]
    assert len(several) > 5
    with SpectralDB(layouts.lake.folder) as db:
        for uri in several:
            product = db.retrieve(uri)
            with pytest.raises(BadQueryError, match=r"say which with spectrum\(k\)"):
                product.spectrum()
            spectra = product.spectra()
            last = int(product.array("spectrum")[-1])
            one = db.retrieve(uri, spectrum=last)
            np.testing.assert_array_equal(one.spectrum().flux, product.spectrum(last).flux)
            np.testing.assert_array_equal(one.spectrum().flux, spectra[-1].flux)
            np.testing.assert_array_equal(one.spectrum().mask, spectra[-1].mask)
            assert one.spectrum().meta["spectrum"] == last


def test_every_layout_can_be_drawn(layouts: Service) -> None:
    with SpectralDB(layouts.lake.folder) as db:
        for row in layouts.products():
            product = db.retrieve(row["uri"])
            if any(isinstance(values, list) for values in product.arrays.values()):
                with pytest.raises(BadQueryError, match="slits: retrieve a row of one"):
                    product.plot()
                product = db.retrieve(row["uri"], spectrum=0)
            product.plot().draw_without_rendering()


def test_a_cube_has_a_wcs(db: SpectralDB) -> None:
    product = db.retrieve(CUBE, x=(5, 20), z=(10, 60))
    cube = product.spectrum()
    assert cube.flux.shape == product.array("flux").shape
    assert cube.spectral_axis_index == 0
    np.testing.assert_array_equal(cube.spectral_axis.to_value(u.um), product.array("wavelength"))
    np.testing.assert_array_equal(cube.mask, ~product.good)
    sky, wavelength = cube.wcs.pixel_to_world(3, 7, 11)
    place = SkyCoord(product.array("ra")[7, 3], product.array("dec")[7, 3], unit="deg")
    assert sky.separation(place).arcsec < 1e-6
    assert wavelength.to_value(u.um) == product.array("wavelength")[11]


def test_a_spaxel(db: SpectralDB) -> None:
    product = db.retrieve(CUBE)
    _, _, nx = product.array("flux").shape
    spectrum = product.spectrum(13 * nx + 10)
    np.testing.assert_array_equal(spectrum.flux.value, product.array("flux")[:, 13, 10])
    assert spectrum.meta["ra"] == product.array("ra")[13, 10]
    with pytest.raises(NotHeldError, match="no spaxel"):
        product.spectrum(10**6)
    with pytest.raises(BadQueryError, match="is a cube of"):
        product.spectra()


def test_an_aperture(db: SpectralDB) -> None:
    place = SkyCoord(345.8151, 8.8739, unit="deg")
    product = db.retrieve(CUBE, position=place, radius=1.2 * u.arcsec, bin="x,y")
    spectrum = product.spectrum()
    np.testing.assert_array_equal(spectrum.flux.value, product.array("flux"))
    np.testing.assert_array_equal(spectrum.mask, product.array("nGood") == 0)


def test_an_image(db: SpectralDB) -> None:
    product = db.retrieve(IMAGE)
    rows = product.spectra()
    assert len(rows) == product.array("flux").shape[0]
    np.testing.assert_array_equal(rows[20].flux.value, product.array("flux")[20])
    row = db.retrieve(IMAGE, spectrum=20).spectrum()
    np.testing.assert_array_equal(row.flux, rows[20].flux)
    with pytest.raises(NotHeldError, match="no row 999"):
        product.spectrum(999)


def test_what_has_no_wavelength_is_no_spectrum(db: SpectralDB) -> None:
    with pytest.raises(BadQueryError, match="no axis of wavelength"):
        db.retrieve(CUBE, bin="wavelength").spectrum()
    with pytest.raises(BadQueryError, match="is here without 'flux'"):
        db.retrieve(CUBE, columns="dq", z=1).spectrum()


# Figures


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (TABLE, {}),
        (TABLE, {"wavelength": (4, 4.2)}),
        (IMAGE, {}),
        (CUBE, {"z": (10, 20)}),
        (CUBE, {"bin": "x,y"}),
        (CUBE, {"bin": "wavelength"}),
    ],
)
def test_figures(db: SpectralDB, name: str, words: dict[str, Any]) -> None:
    figure = db.plot(name, **words)
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    assert name in figure.get_suptitle()


def test_a_figure_shows_unit_errors_and_flags(db: SpectralDB) -> None:
    product = db.retrieve(TABLE)
    (axes,) = product.plot().axes
    assert axes.get_ylabel() == "flux (Jy)"
    assert axes.get_xlabel() == "wavelength (um)"
    line, flagged = axes.lines
    good = product.good
    drawn = np.asarray(line.get_ydata(), "f8")
    np.testing.assert_array_equal(drawn[good], product.array("flux")[good])
    assert np.isnan(drawn[~good]).all()
    assert len(np.asarray(flagged.get_xdata())) == (~good).sum()
    assert len(axes.collections) == 1


def test_spikes_do_not_set_the_axis(db: SpectralDB) -> None:
    product = db.retrieve(TABLE)
    flux = product.array("flux").copy()
    at = int(np.flatnonzero(product.good)[100])
    flux[at] = 1e7 * np.nanmax(flux)
    product.arrays["flux"] = flux
    (axes,) = product.plot().axes
    assert axes.get_ylim()[1] < flux[at] / 1e5


def test_a_figure_of_one_spectrum(db: SpectralDB) -> None:
    (axes,) = db.plot(CUBE, number=500).axes
    assert axes.get_ylabel() == "flux (MJy/sr)"
