"""Synthetic rectified 2-D spectra, in the layouts of several releases."""

import numpy as np
import pytest
from astropy.io import fits

from tests.sample.files import LRS, MOS, OLD_MOS, Samples, table_of, world_of


@pytest.mark.parametrize("root", [MOS, LRS])
def test_image_wavelengths_agree_with_the_gwcs(samples: Samples, root: str) -> None:
    path = samples[f"{root}_s2d.fits"]
    stored = fits.getdata(path, "WAVELENGTH")
    assert stored.dtype == ">f4"
    _, _, wavelength = world_of(path)
    away = np.abs(wavelength - stored)
    assert (away <= np.spacing(stored) / 2).all()  # no more than the rounding to float32
    assert away[stored < 8].max() <= 3e-7


@pytest.mark.parametrize("root", [MOS, OLD_MOS, LRS])
def test_images_lie_at_their_source(samples: Samples, root: str) -> None:
    path = samples[f"{root}_s2d.fits"]
    ra, dec, _ = world_of(path)
    header = fits.getheader(path, "SCI")
    target = fits.getheader(path)
    expected = (header.get("SRCRA", target["TARG_RA"]), header.get("SRCDEC", target["TARG_DEC"]))
    assert np.hypot(ra.mean() - expected[0], dec.mean() - expected[1]) < 1e-6
    assert 2 < np.hypot(np.ptp(ra) * np.cos(np.radians(dec.mean())), np.ptp(dec)) * 3600 < 6


def test_an_image_and_its_spectrum_show_the_same_source(samples: Samples) -> None:
    with fits.open(samples[f"{MOS}_s2d.fits"]) as hdus:
        flux = np.nansum(hdus["SCI"].data[24:29].astype(float), axis=0) * 1e6
        assert hdus["SCI"].header["BUNIT"] == "MJy"
    rows, _ = table_of(samples, f"{MOS}_x1d.fits")
    good = rows["DQ"] == 0
    np.testing.assert_allclose(flux[good], rows["FLUX"][good], rtol=1e-5)


def test_images_without_data_at_the_edges(samples: Samples) -> None:
    with fits.open(samples[f"{MOS}_s2d.fits"]) as hdus:
        empty = hdus["WHT"].data == 0
        assert empty[0].all()
        assert np.isnan(hdus["SCI"].data[empty]).all()
        assert (hdus["ERR"].data[~empty] > 0).all()
        assert hdus["CON"].data.dtype == ">i4"


def test_an_image_of_an_older_release(samples: Samples) -> None:
    with fits.open(samples[f"{OLD_MOS}_s2d.fits"]) as hdus:
        assert hdus[0].header["CAL_VER"] == "1.12.5"
        assert "WAVELENGTH" not in hdus
        assert hdus["SCI"].header["BUNIT"] == "DN/s"
        empty = hdus["WHT"].data == 0
        assert not hdus["SCI"].data[empty].any()
        assert not hdus["ERR"].data[empty].any()
    _, _, wavelength = world_of(samples[f"{OLD_MOS}_s2d.fits"])
    rows, _ = table_of(samples, f"{OLD_MOS}_x1d.fits")
    np.testing.assert_allclose(wavelength[20], rows["WAVELENGTH"], atol=1e-12)


def test_lrs_wavelengths_descend(samples: Samples) -> None:
    with fits.open(samples[f"{LRS}_s2d.fits"]) as hdus:
        assert hdus["SCI"].header["DISPAXIS"] == 2
        assert hdus["SCI"].shape == (388, 44)
        assert (np.diff(hdus["WAVELENGTH"].data, axis=0) < 0).all()
    rows, _ = table_of(samples, f"{LRS}_x1d.fits")
    assert (np.diff(rows["WAVELENGTH"]) < 0).all()
    assert rows["WAVELENGTH"][[0, -1]] == pytest.approx([14, 5])
    depth = [np.nanmedian(rows["FLUX"][np.abs(rows["WAVELENGTH"] - at) < 0.2]) for at in (8, 9.7)]
    assert depth[1] < 0.6 * depth[0]
