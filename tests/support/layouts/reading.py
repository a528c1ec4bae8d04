"""Generated products, read with astropy."""

import gzip
import io
from pathlib import Path
from typing import Any

import asdf
import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from tests.support.layouts import BROKEN, LAYOUTS, Broken, Layout, write_layout

PRODUCTS: tuple[Layout | Broken, ...] = (*LAYOUTS, *BROKEN)
TABLES = [one for one in LAYOUTS if one.product_type[0] != "s"]
IMAGES = [one for one in LAYOUTS if one.product_type[0] == "s"]


def load(key: str | Layout | Broken, folder: Path) -> Any:
    """Read a product into memory."""
    found = {one.key: one for one in PRODUCTS}
    path = write_layout(found[key] if isinstance(key, str) else key, folder)
    content = path.read_bytes()
    return fits.open(io.BytesIO(gzip.decompress(content) if path.suffix == ".gz" else content))


def tables(hdul: Any) -> list[Any]:
    return [h for h in hdul if isinstance(h, fits.BinTableHDU) and "FLUX" in h.columns.names]


def spectra(hdul: Any, column: str) -> list[Any]:
    """Return a column of each spectrum, without padding."""
    found: list[Any] = []
    for table in tables(hdul):
        if "N_ALONGDISP" in table.columns.names:
            pairs = zip(table.data[column], table.data["N_ALONGDISP"], strict=True)
            found += [row[:n] for row, n in pairs if n]
        else:
            found.append(table.data[column])
    return found


def error_name(hdul: Any) -> str:
    return "FLUX_ERROR" if "FLUX_ERROR" in tables(hdul)[0].columns.names else "ERROR"


def slit_world(hdul: Any, version: int) -> Any:
    with asdf.open(io.BytesIO(hdul["ASDF"].data[0][0].tobytes())) as tree:
        wcs = tree["slits"][version - 1]["meta"]["wcs"] if "slits" in tree else tree["meta"]["wcs"]
        ny, nx = hdul["SCI", version].shape
        y, x = np.mgrid[:ny, :nx]
        return wcs(x, y)


def slit_wavelengths(hdul: Any) -> Any:
    found = []
    for hdu in (h for h in hdul if h.name == "SCI"):
        lam = slit_world(hdul, hdu.ver)[2]
        found.append(lam[0] if hdu.header["DISPAXIS"] == 1 else lam[:, 0])
        assert np.all(lam == (found[-1] if hdu.header["DISPAXIS"] == 1 else lam[:, :1]))
        if ("WAVELENGTH", hdu.ver) in hdul:
            assert np.allclose(hdul["WAVELENGTH", hdu.ver].data, lam, rtol=0, atol=1e-6)
    return np.concatenate(found)


def cube_wavelengths(hdul: Any) -> Any:
    wcs = WCS(hdul["SCI"].header, fobj=hdul)
    planes = np.arange(hdul["SCI"].shape[0])
    lam = wcs.wcs_pix2world(2, 2, planes, 0)[2]
    # Without a table astropy converts to the SI unit.
    return lam * 1e6 if wcs.wcs.cunit[2] == "m" else lam
