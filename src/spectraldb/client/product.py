"""A retrieved product, as arrays, tables, spectra, figures and files."""

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


GZIP_MAGIC = b"\x1f\x8b"
"""The first bytes of a gzip file (RFC 1952)."""


class ProductData(ProductArrays):
    """A product, or a part of it.

    Attributes that need another request, such as `meta` and `table`, send it when they are first
    used. Not thread-safe.
    """

    @cached_property
    def meta(self) -> dict[str, Any]:
        """Metadata of the product by column, such as instrument, target and programme."""
        columns = ",".join(self._product_columns)
        request = [("uri", self.uri), ("columns", columns), ("limit", "1")]
        return dict(self._backend.json("search/products", request)["results"][0])

    @property
    def _product_columns(self) -> list[str]:
        columns = self._backend.json("search/columns", [])["columns"]
        return [column["name"] for column in columns if column["table"] == "DataProduct"]

    @cached_property
    def table(self) -> "QTable":
        """Table with one row per pixel; for images and cubes, with the indices in the file."""
        return self._table("retrieve", self._request)

    @cached_property
    def derived(self) -> "QTable":
        """Derived statistics, such as DER_SNR, ranges and counts, with one row per spectrum."""
        return self._table("retrieve/derived", [("uri", self.uri)])

    def _table(self, path: str, request: Pairs) -> "QTable":
        from astropy.table import QTable

        table = astropy_table(self._backend.batches(path, request).read_all(), QTable)
        table.meta.update(uri=self.uri, productType=self.product_type)
        return table

    def spectrum(self, number: int | None = None, *, what: str = "flux") -> "Spectrum":
        """Return a specutils Spectrum with uncertainty, mask and units.

        Parameters
        ----------
        number
            Index of a spectrum of the product. None selects the only spectrum of a 1-D product,
            all rows of an image, or the whole cube.
        what
            The array to use as flux: ``"flux"``, or ``"surfBright"`` for 1-D products.

        Returns
        -------
        specutils.Spectrum
            The mask is true for pixels that are not good. The spectrum of a cube has the axes of
            the file, shape (nz, ny, nx), and a WCS with positions and wavelengths. Pixels without
            a wavelength are left out; ``meta["withoutWavelength"]`` is their number.

        Raises
        ------
        spectraldb.errors.BadQueryError
            If `number` is None and the product has several spectra, or if the retrieved part has no
            wavelength axis.
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
        """Return a matplotlib figure of the spectra, the image, or the mean plane of the cube.

        Spectra are drawn with an error band, and with crosses for pixels that are not good.

        Parameters
        ----------
        number
            Index of a spectrum of the product; None for all.
        what
            The array to draw: ``"flux"``, or ``"surfBright"`` for 1-D products.
        """
        import_optional("matplotlib", "plot")
        from spectraldb.client.plot import plot

        return plot(self, number, what)

    def fits(self) -> "HDUList":
        """Return the whole FITS file of the product as an astropy HDUList in memory."""
        import gzip
        import io

        from astropy.io import fits

        content = b"".join(self._file())
        if content.startswith(GZIP_MAGIC):
            content = gzip.decompress(content)
        return fits.open(io.BytesIO(content))

    def save(self, place: str | Path = ".") -> Path:
        """Write the FITS file of the product to a folder or a path, and return its path."""
        path = Path(place)
        path = path / self.file_name if path.is_dir() else path
        partial = path.with_name(f"{path.name}.part")
        with partial.open("wb") as file:
            file.writelines(self._file())
        partial.replace(path)
        return path

    @property
    def url(self) -> str:
        """The URL of this retrieval."""
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
