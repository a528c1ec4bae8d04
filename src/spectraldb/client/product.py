"""A retrieved product, and its forms: tables, spectra, figures, files."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spectraldb.client.arrays import ProductArrays
from spectraldb.client.optional import import_optional
from spectraldb.client.parameters import Pairs, product_parameter
from spectraldb.client.tables import astropy_table

if TYPE_CHECKING:
    from astropy.io.fits import HDUList
    from astropy.table import QTable
    from matplotlib.figure import Figure
    from specutils import Spectrum, SpectrumList


class ProductData(ProductArrays):
    """A product, or a part of it.

    It is for one thread: a product reads what it needs when it is first used.
    """

    @cached_property
    def meta(self) -> dict[str, Any]:
        """The metadata of the product: instrument, target, programme, ... by column."""
        columns = ",".join(self._product_columns)
        request = [("uri", self.uri), ("columns", columns), ("limit", "1")]
        return dict(self._backend.json("search/products", request)["results"][0])

    @property
    def _product_columns(self) -> list[str]:
        columns = self._backend.json("search/columns", [])["columns"]
        return [column["name"] for column in columns if column["table"] == "DataProduct"]

    @cached_property
    def table(self) -> "QTable":
        """A row for each pixel; of images and cubes with the indices of the file."""
        return self._table("retrieve", self._request)

    @cached_property
    def derived(self) -> "QTable":
        """The derived statistics of its spectra, a row for each: DER_SNR, ranges, counts."""
        return self._table("retrieve/derived", [("uri", self.uri)])

    def _table(self, path: str, request: Pairs) -> "QTable":
        from astropy.table import QTable

        table = astropy_table(self._backend.batches(path, request).read_all(), QTable)
        table.meta.update(uri=self.uri, productType=self.product_type)
        return table

    def spectrum(self, number: int | None = None, *, what: str = "flux") -> "Spectrum":
        """Return a specutils Spectrum, with uncertainty, mask and units.

        Parameters
        ----------
        number
            The index of a spectrum of the product; None for its only spectrum, for an image with
            all its rows, or for a whole cube.
        what
            The array that is its flux: ``"flux"``, or ``"surfBright"`` of 1-D products.

        Returns
        -------
        specutils.Spectrum
            Its mask is true where a pixel is not good. The spectrum of a cube has the axes of
            the file (z, y, x) and a WCS of positions and wavelengths.

        Raises
        ------
        spectraldb.errors.BadQueryError
            If the product holds several, or nothing along wavelength.
        ModuleNotFoundError
            If specutils is not installed.
        """
        import_optional("specutils", "spectra")
        from spectraldb.client.spectra import make_spectrum

        return make_spectrum(self, number, what)

    def spectra(self, *, what: str = "flux") -> "SpectrumList":
        """Return all spectra of a 1-D product, or all rows of an image, as a SpectrumList."""
        import_optional("specutils", "spectra")
        from spectraldb.client.spectra import make_spectra

        return make_spectra(self, what)

    def plot(self, number: int | None = None, *, what: str = "flux") -> "Figure":
        """Return a matplotlib figure: spectra with error band and flags, or an image."""
        import_optional("matplotlib", "plot")
        from spectraldb.client.plot import plot

        return plot(self, number, what)

    def fits(self) -> "HDUList":
        """Return the whole FITS file of the product, in memory, as astropy's HDUList."""
        import io

        from astropy.io import fits

        return fits.open(io.BytesIO(b"".join(self._file())))

    def save(self, place: str | Path = ".") -> Path:
        """Write the FITS file of the product to a folder or a file, and return its path."""
        path = Path(place)
        path = path / self.file_name if path.is_dir() else path
        partial = path.with_name(f"{path.name}.part")
        with partial.open("wb") as file:
            file.writelines(self._file())
        partial.replace(path)
        return path

    @property
    def url(self) -> str:
        """The URL of this answer."""
        return self._backend.url("retrieve", self._request)

    def _file(self) -> Iterator[bytes]:
        return self._backend.file([product_parameter(self.uri)])

    def __repr__(self) -> str:
        shapes = ", ".join(
            f"{name}{list(np.shape(values))}"
            for name, values in list(self.arrays.items())[:3]
            if not isinstance(values, list)
        )
        return f"<{self.product_type} {self.uri}: {shapes}, ... {len(self.arrays)} arrays>"
