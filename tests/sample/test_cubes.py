"""Synthetic cubes, in the layouts of several releases."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS, FITSFixedWarning

from tests.sample.files import IFU, MRS1, MRS2, MRS3, Samples, table_of


@pytest.mark.parametrize("root", [IFU, MRS1, MRS2, MRS3])
def test_cubes(samples: Samples, root: str) -> None:
    with fits.open(samples[f"{root}_s3d.fits"]) as hdus:
        science, header = hdus["SCI"].data, hdus["SCI"].header
        seen = hdus["DQ"].data == 0
        assert science.dtype == ">f4"
        assert set(np.unique(hdus["DQ"].data)) == {0, 513}
        np.testing.assert_array_equal(np.isfinite(science), seen)
        assert (hdus["ERR"].data[seen] > 0).all()
        assert hdus["ERR"].header["ERRTYPE"] == "ERR"
        assert header["BUNIT"] == "MJy/sr"
        assert ("WCS-TABLE" in hdus) == (root != MRS3)
        with pytest.warns(FITSFixedWarning, match="datfix"):
            world = WCS(header, fobj=hdus)
        middle = (science.shape[2] - 1) / 2
        ra, dec, wave = world.all_pix2world(middle, middle, [0, science.shape[0] - 1], 0)
        target = hdus[0].header
        assert ra % 360 == pytest.approx(target["TARG_RA"])
        assert dec == pytest.approx(target["TARG_DEC"])
        if "WCS-TABLE" in hdus:
            listed = hdus["WCS-TABLE"].data["wavelength"].ravel()
            # astropy returns metres for WAVE and micron for WAVE-TAB.
            scale = 1 if header["CTYPE3"] == "WAVE-TAB" else 1e6
            np.testing.assert_allclose(listed[[0, -1]], np.array(wave) * scale, rtol=1e-6)


def test_cubes_of_older_releases(samples: Samples) -> None:
    rotated = fits.getheader(samples[f"{MRS3}_s3d.fits"], "SCI")
    assert rotated["CRVAL1"] < 0
    assert abs(rotated["PC1_2"]) > 0.1
    tabulated = fits.getheader(samples[f"{MRS2}_s3d.fits"], "SCI")
    assert tabulated["CTYPE3"] == "WAVE-TAB"
    assert (tabulated["PS3_0"], tabulated["PS3_1"]) == ("WCS-TABLE", "wavelength")
    assert "CDELT3" not in tabulated
    listed = fits.getdata(samples[f"{MRS2}_s3d.fits"], "WCS-TABLE")["wavelength"].ravel()
    assert np.ptp(np.diff(listed)) > 0.003


def test_a_cube_and_its_spectrum_show_the_same_source(samples: Samples) -> None:
    with fits.open(samples[f"{IFU}_s3d.fits"]) as hdus:
        pixel = hdus["SCI"].header["PIXAR_SR"]
        total = np.nansum(hdus["SCI"].data.astype(float), axis=(1, 2)) * 1e6 * pixel
    rows, _ = table_of(samples, f"{IFU}_x1d.fits")
    assert 0.5 < np.median(rows["FLUX"] / total) < 1


def test_the_disc_galaxy_rotates(samples: Samples) -> None:
    science = fits.getdata(samples[f"{IFU}_s3d.fits"], "SCI").astype(float)
    wavelength = np.linspace(0.60, 5.30, 470)
    line = np.abs(wavelength - 4.126) < 0.03  # Paschen alpha at redshift 1.2
    # The approaching and the receding end of the major axis.
    ends = [science[line][:, 18 + step[0], 18 + step[1]] for step in ((-3, -4), (3, 4))]
    centres = [
        np.sum(wavelength[line] * (end - end.min())) / np.sum(end - end.min()) for end in ends
    ]
    assert centres[1] > centres[0] + 0.001
