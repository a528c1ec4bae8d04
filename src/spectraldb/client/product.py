"""A product that was retrieved: its arrays, and what they become."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from spectraldb.client.backend import Arrays, Backend, Values
from spectraldb.client.optional import need
from spectraldb.client.parameters import Pairs, which, without
from spectraldb.client.tables import astropy_table
from spectraldb.errors import BadQueryError

if TYPE_CHECKING:
    from astropy.io.fits import HDUList
    from astropy.table import QTable
    from astropy.wcs import WCS
    from matplotlib.figure import Figure
    from specutils import Spectrum, SpectrumList


@dataclass(frozen=True)
class ArrayInfo:
    """What an array of a product is."""

    name: str
    dtype: str
    unit: str
    description: str
    fits_ext: str
    """The FITS column or extension that it came from."""


class ProductData:
    """A product, or a part of it.

    Parameters
    ----------
    backend
        Who has the product.
    asked
        What was asked for.
    arrays
        The answer.
    """

    def __init__(self, backend: Backend, asked: Pairs, arrays: Arrays) -> None:
        self._backend = backend
        self._asked = asked
        self.head = arrays.head
        self.arrays = arrays.values
        """The arrays by name, in the file's types and shapes; of several slits lists of them."""

    @property
    def uri(self) -> str:
        """What the product is called."""
        return str(self.head["uri"])

    @property
    def file_name(self) -> str:
        """The name of its FITS file."""
        return str(self.head["filename"])

    @property
    def product_type(self) -> str:
        """Its kind: x1d, c1d, x1dints, s2d or s3d."""
        return str(self.head["productType"])

    @property
    def dispersion(self) -> str | None:
        """The axis along which wavelength runs: x, y or z."""
        return self.head.get("dispersion")

    @property
    def spectra_info(self) -> list[dict[str, Any]]:
        """What each spectrum of a 1-D product is: extension, source, order, position, ..."""
        return list(self.head.get("spectra", []))

    @cached_property
    def columns(self) -> dict[str, ArrayInfo]:
        """What the arrays are, by name."""
        return {
            name: ArrayInfo(
                name, told["dtype"], told["units"] or "", told["description"], told["fitsExt"]
            )
            for name, told in self.head["column_metadata"].items()
            if name in self.arrays
        }

    @cached_property
    def meta(self) -> dict[str, Any]:
        """What is known of the product: instrument, target, programme, ... by column."""
        asked = [("uri", self.uri), ("columns", ",".join(self._product_columns)), ("limit", "1")]
        return dict(self._backend.json("search/products", asked)["results"][0])

    @property
    def _product_columns(self) -> list[str]:
        known = self._backend.json("search/columns", [])["columns"]
        return [column["name"] for column in known if column["table"] == "DataProduct"]

    def __getitem__(self, name: str) -> Any:
        """Return an array, with its unit if it has one."""
        from astropy.units import Quantity, Unit

        if name not in self.arrays:
            raise KeyError(
                f"{self.file_name} has no array {name!r}; it has {', '.join(self.arrays)}"
            )
        values, unit = self.arrays[name], self.columns[name].unit
        if not unit:
            return values
        measure = Unit(unit, parse_strict="silent")
        if isinstance(values, list):
            return [Quantity(image, measure, copy=False) for image in values]
        return Quantity(values, measure, copy=False)

    @cached_property
    def good(self) -> NDArray[np.bool_]:
        """Which pixels are good, in the shape of the flux; documented under Quality.

        Of pixels that were put together it is where there was a good one.
        """
        if "nGood" in self.arrays:
            return np.asarray(self.array("nGood") > 0)
        if "good" in self.arrays:
            return np.asarray(self.array("good"))
        asked = [*without(self._asked, "columns"), ("columns", "good")]
        answer = self._backend.arrays(asked).values["good"]
        return np.asarray(answer)

    @cached_property
    def table(self) -> "QTable":
        """A row for each pixel; of images and cubes with the indices of the file."""
        from astropy.table import QTable

        rows = self._backend.batches("retrieve", self._asked).read_all()
        return self._told(rows, QTable)

    @cached_property
    def derived(self) -> "QTable":
        """The derived figures of its spectra, a row for each: DER_SNR, ranges, counts."""
        from astropy.table import QTable

        rows = self._backend.batches("retrieve/derived", [("uri", self.uri)]).read_all()
        return self._told(rows, QTable)

    def _told(self, rows: pa.Table, kind: Any) -> Any:
        table = astropy_table(rows, kind)
        table.meta.update(uri=self.uri, productType=self.product_type)
        return table

    @cached_property
    def wcs(self) -> "WCS | None":
        """The celestial WCS of a cube, for its last two axes; None of anything else."""
        if "wcs" not in self.head:
            return None
        from astropy.wcs import WCS

        return WCS({"WCSAXES": 2, **self.head["wcs"]})

    # Other forms

    def spectrum(self, number: int | None = None, *, what: str = "flux") -> "Spectrum":
        """Return a specutils Spectrum, with uncertainty, mask and units.

        Parameters
        ----------
        number
            Which spectrum of the product; None for the only one, for all rows of an image side
            by side, or for a whole cube.
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
        need("specutils", "spectra")
        from spectraldb.client.spectra import spectrum

        return spectrum(self, number, what)

    def spectra(self, *, what: str = "flux") -> "SpectrumList":
        """Return all spectra of a 1-D product, or all rows of an image, as a SpectrumList."""
        need("specutils", "spectra")
        from spectraldb.client.spectra import spectra

        return spectra(self, what)

    def plot(self, number: int | None = None, *, what: str = "flux") -> "Figure":
        """Return a matplotlib figure: spectra with error band and flags, or an image."""
        need("matplotlib", "plot")
        from spectraldb.client.plot import plot

        return plot(self, number, what)

    def fits(self) -> "HDUList":
        """Return the whole FITS file of the product, in memory, as astropy's HDUList."""
        import io

        from astropy.io import fits

        return fits.open(io.BytesIO(b"".join(self._bytes())))

    def save(self, place: str | Path = ".") -> Path:
        """Write the FITS file of the product to a folder or a file, and return where it is."""
        path = Path(place)
        path = path / self.file_name if path.is_dir() else path
        partial = path.with_name(f"{path.name}.part")
        with partial.open("wb") as file:
            file.writelines(self._bytes())
        partial.replace(path)
        return path

    @property
    def url(self) -> str:
        """The address of this answer."""
        return self._backend.url("retrieve", self._asked)

    def _bytes(self) -> Iterator[bytes]:
        return self._backend.file([which(self.uri)])

    def array(self, name: str) -> NDArray[Any]:
        """Return an array of which there is one; raises BadQueryError."""
        values: Values | None = self.arrays.get(name)
        if values is None:
            raise BadQueryError(
                f"{self.file_name} is here without {name!r}; there are {', '.join(self.arrays)}"
            )
        if isinstance(values, list):
            raise BadQueryError(
                f"{self.file_name} has {len(values)} slits: retrieve a row of one, by spectrum=0"
            )
        return values

    def __repr__(self) -> str:
        shapes = ", ".join(
            f"{name}{list(np.shape(values))}"
            for name, values in list(self.arrays.items())[:3]
            if not isinstance(values, list)
        )
        return f"<{self.product_type} {self.uri}: {shapes}, ... {len(self.arrays)} arrays>"
