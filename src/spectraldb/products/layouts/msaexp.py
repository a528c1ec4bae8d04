"""Spectra of msaexp, as in the DAWN JWST Archive and in HLSPs: ``*.spec.fits``.

The table SPEC1D has the extracted spectrum (wave, flux, err), and the image SCI the rectified 2-D
spectrum on the same wavelengths, with its weights WHT: https://github.com/gbrammer/msaexp
"""

import numpy as np

from spectraldb.arrays import Array
from spectraldb.fits.file import FitsFile
from spectraldb.fits.header import Header
from spectraldb.fits.image import ImageHdu
from spectraldb.products.product import Product
from spectraldb.products.slits import SlitProduct
from spectraldb.products.tables import TableProduct
from spectraldb.products.wcs import SlitWorld
from spectraldb.units import to_micron


def read_msaexp(file: FitsFile, file_name: str) -> list[Product]:
    """Return the x1d in SPEC1D, and the s2d in SCI if there is one."""
    table = file.table("SPEC1D")
    if table is None:
        return []
    spectrum = MsaexpSpectrum(file, file_name, "x1d", [table])
    image = file.image("SCI")
    if image is None or len(image.shape) != 2 or image.shape[1] != table.n_rows:
        return [spectrum]
    wavelength = np.concatenate(list(spectrum.tables[0].pixels("WAVELENGTH")))
    wavelength = to_micron(wavelength, spectrum.tables[0].wavelength_unit)
    return [spectrum, MsaexpImage(file, file_name, image, wavelength)]


class MsaexpSpectrum(TableProduct):
    """The extracted spectrum; SCI has the keywords that its own headers lack."""

    @property
    def other_headers(self) -> list[Header]:
        """The header of SCI."""
        image = self.file.image("SCI")
        return [image.header] if image else []


class MsaexpImage(SlitProduct):
    """The rectified 2-D spectrum.

    Parameters
    ----------
    file, file_name
        As in `Product`.
    image
        SCI.
    wavelength
        Wavelengths of the columns of the image in micron, shape (nx,).
    """

    def __init__(self, file: FitsFile, file_name: str, image: ImageHdu, wavelength: Array) -> None:
        self._wavelength = wavelength
        super().__init__(file, file_name, "s2d", [image])

    def wavelength(self, slit: int) -> tuple[str, Array]:  # noqa: ARG002 - there is one slit
        """Return the wavelengths of the table SPEC1D."""
        return "SPEC1D", self._wavelength

    def world(self, slit: int) -> SlitWorld | None:  # noqa: ARG002 - as above
        """Return None: the file has no gwcs."""
        return None
