"""Products as specutils spectra."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from specutils import Spectrum

from spectraldb import SpectralDB
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.service.service import Service
from tests.client import CUBE, IMAGE, TABLE


def test_every_1d_product(each_lake: Service) -> None:
    with SpectralDB(each_lake.lake.folder, progress=False) as db:
        for record in each_lake.products():
            if record.product_type in ("x1d", "c1d") and record["nSpectra"] <= 50:
                check_spectra(db, record.uri)


def check_spectra(db: SpectralDB, uri: str) -> None:
    """Assert that the spectra of a product have its values at pixels with a wavelength."""
    product = db.retrieve(uri)
    numbers = np.asarray(product.arrays.get("spectrum", np.zeros(len(product.array("flux")), int)))
    for spectrum, number in zip(product.spectra(), np.unique(numbers), strict=True):
        pixels = numbers == number
        wavelength = product.array("wavelength")[pixels]
        valid = np.isfinite(wavelength) & (wavelength > 0)
        flux, error = (product.array(name)[pixels][valid] for name in ("flux", "fluxErr"))
        np.testing.assert_array_equal(spectrum.spectral_axis.to_value(u.um), wavelength[valid])
        np.testing.assert_array_equal(spectrum.flux.value, flux)
        np.testing.assert_array_equal(spectrum.uncertainty.array, error)
        np.testing.assert_array_equal(spectrum.mask, ~product.good[pixels][valid])
        assert spectrum.flux.unit == product["flux"].unit
        assert spectrum.meta["uri"] == uri
        assert spectrum.meta.get("withoutWavelength", 0) == (~valid).sum()


def test_only_spectrum_of_a_product(db: SpectralDB) -> None:
    product = db.retrieve(TABLE)
    spectrum = product.spectrum()
    assert isinstance(spectrum, Spectrum)
    assert spectrum.meta["sourceId"] == product.spectra_info[0]["sourceId"]
    bright = product.spectrum(what="surfBright")
    assert bright.flux.unit == u.MJy / u.sr
    np.testing.assert_array_equal(bright.uncertainty.array, product.arrays["sbErr"])
    with pytest.raises(NotHeldError, match=r"has no spectrum 3. Its spectra: 0"):
        product.spectrum(3)


def test_one_of_several_spectra(layouts: Service) -> None:
    several = [
        record.uri
        for record in layouts.products()
        if record.product_type in ("x1d", "c1d", "x1dints") and record["nSpectra"] > 1
    ]
    assert len(several) > 5
    with SpectralDB(layouts.lake.folder, progress=False) as db:
        for uri in several:
            product = db.retrieve(uri)
            with pytest.raises(BadQueryError, match=r"Use spectrum\(k\) for one"):
                product.spectrum()
            spectra = product.spectra()
            last = int(product.array("spectrum")[-1])
            one = db.retrieve(uri, spectrum=last).spectrum()
            np.testing.assert_array_equal(one.flux, product.spectrum(last).flux)
            np.testing.assert_array_equal(one.flux, spectra[-1].flux)
            np.testing.assert_array_equal(one.mask, spectra[-1].mask)
            assert one.meta["spectrum"] == last


def test_cube(db: SpectralDB) -> None:
    product = db.retrieve(CUBE, x=(5, 20), z=(10, 60))
    cube = product.spectrum()
    assert cube.flux.shape == product.array("flux").shape
    assert cube.spectral_axis_index == 0
    np.testing.assert_array_equal(cube.spectral_axis.to_value(u.um), product.array("wavelength"))
    np.testing.assert_array_equal(cube.mask, ~product.good)
    sky, wavelength = cube.wcs.pixel_to_world(3, 7, 11)
    expected = SkyCoord(product.array("ra")[7, 3], product.array("dec")[7, 3], unit="deg")
    assert sky.separation(expected).arcsec < 1e-6
    assert wavelength.to_value(u.um) == product.array("wavelength")[11]


def test_spaxel(db: SpectralDB) -> None:
    product = db.retrieve(CUBE)
    _, _, nx = product.array("flux").shape
    spectrum = product.spectrum(13 * nx + 10)
    np.testing.assert_array_equal(spectrum.flux.value, product.array("flux")[:, 13, 10])
    assert spectrum.meta["ra"] == product.array("ra")[13, 10]
    with pytest.raises(NotHeldError, match="has no spaxel"):
        product.spectrum(10**6)
    with pytest.raises(BadQueryError, match="The cube has"):
        product.spectra()


def test_aperture(db: SpectralDB) -> None:
    position = SkyCoord(345.62, 8.91, unit="deg")
    product = db.retrieve(CUBE, position=position, radius=1.2 * u.arcsec, bin="x,y")
    spectrum = product.spectrum()
    np.testing.assert_array_equal(spectrum.flux.value, product.array("flux"))
    np.testing.assert_array_equal(spectrum.mask, product.array("nGood") == 0)


def test_image(db: SpectralDB) -> None:
    product = db.retrieve(IMAGE)
    rows = product.spectra()
    assert len(rows) == product.array("flux").shape[0]
    np.testing.assert_array_equal(rows[20].flux.value, product.array("flux")[20])
    row = db.retrieve(IMAGE, spectrum=20).spectrum()
    np.testing.assert_array_equal(row.flux, rows[20].flux)
    with pytest.raises(NotHeldError, match="has no row 999"):
        product.spectrum(999)


def test_arrays_without_wavelength_are_rejected(db: SpectralDB) -> None:
    with pytest.raises(BadQueryError, match="no wavelength axis"):
        db.retrieve(CUBE, bin="wavelength").spectrum()
    with pytest.raises(BadQueryError, match=r"flux: This array of .* was not retrieved"):
        db.retrieve(CUBE, columns="dq", z=1).spectrum()
