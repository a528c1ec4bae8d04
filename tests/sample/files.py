"""Files of the samples, and functions that read them."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asdf
import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

Samples = Mapping[str, Path]
MOS = "jw99001-o001_s000000101_nirspec_clear-prism"
OLD_MOS = "jw99001-o002_s00202_nirspec_f290lp-g395m"
IFU = "jw99002-o001_t001_nirspec_prism-clear"
MRS1 = "jw99003-o001_t001_miri_ch1-short"
MRS2 = "jw99003-o003_t001_miri_ch2-shortmediumlong"
MRS3 = "jw99003-o002_t001_miri_ch3-medium"
LRS = "jw99004-o001_t001_miri_p750l"
WFSS = "jw99005-o001_t001_niriss_f115w-gr150c"
SOSS = "jw99006-o001_t001_niriss_clear-gr700xd-substrip256"
BOTS = "jw99007-o001_t001_nirspec_clear-prism-s1600a1-sub512"
OLD_BOTS = "jw99007-o002_t001_nirspec_clear-prism-s1600a1-sub512"
STAR = "jw99008-o001_t001-s000000001_nirspec_f100lp-g140m-s1600a1"
NAMES = [
    *(f"{root}_s2d.fits" for root in (MOS, OLD_MOS, LRS)),
    *(f"{root}_s3d.fits" for root in (IFU, MRS1, MRS2, MRS3)),
    *(f"{root}_x1d.fits" for root in (MOS, OLD_MOS, IFU, MRS1, MRS3, LRS, WFSS, STAR)),
    *(f"{root}_c1d.fits" for root in (WFSS, SOSS)),
    *(f"{root}_x1dints.fits" for root in (BOTS, OLD_BOTS)),
]
EXTRACTED = [
    "WAVELENGTH",
    "FLUX",
    "FLUX_ERROR",
    "FLUX_VAR_POISSON",
    "FLUX_VAR_RNOISE",
    "FLUX_VAR_FLAT",
    "SURF_BRIGHT",
    "SB_ERROR",
    "SB_VAR_POISSON",
    "SB_VAR_RNOISE",
    "SB_VAR_FLAT",
    "DQ",
    "BACKGROUND",
    "BKGD_ERROR",
    "BKGD_VAR_POISSON",
    "BKGD_VAR_RNOISE",
    "BKGD_VAR_FLAT",
    "NPIXELS",
]
COMBINED = ["WAVELENGTH", "FLUX", "ERROR", "SURF_BRIGHT", "SB_ERROR", "DQ", "WEIGHT", "N_INPUT"]


def table_of(samples: Samples, name: str, extension: int = 1) -> tuple[Any, fits.Header]:
    """Return the rows and the header of the nth table of spectra."""
    with fits.open(samples[name], memmap=False) as hdus:
        found = [hdu for hdu in hdus if hdu.name in ("EXTRACT1D", "COMBINE1D")]
        return found[extension - 1].data, found[extension - 1].header


def world_of(path: Path) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return RA, Dec and wavelength of every pixel of an s2d, from the gwcs in its ASDF."""
    with fits.open(path) as hdus:
        raw = hdus["ASDF"].data[0][0].tobytes()
        y, x = np.mgrid[: hdus["SCI"].shape[0], : hdus["SCI"].shape[1]]
    with asdf.open(io.BytesIO(raw)) as file:
        ra, dec, wavelength = file["meta"]["wcs"](x, y)
    return ra, dec, wavelength
