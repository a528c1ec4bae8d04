"""Arrays of a product, with their units, descriptions and quality."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spectraldb.client.backend import Backend, RetrievedArrays, Values
from spectraldb.client.parameters import Pairs, without
from spectraldb.errors import BadQueryError

if TYPE_CHECKING:
    from astropy.units import Quantity
    from astropy.wcs import WCS


@dataclass(frozen=True)
class ArrayInfo:
    """The description of an array."""

    name: str
    dtype: str
    unit: str
    description: str
    fits_ext: str
    """The FITS column or extension of the array."""


class ProductArrays:
    """The arrays of a product, or of a part of it. Not thread-safe.

    Parameters
    ----------
    backend
        The lake of the product.
    request
        The parameters of the retrieval.
    answer
        The result of the retrieval.
    """

    def __init__(self, backend: Backend, request: Pairs, answer: RetrievedArrays) -> None:
        self._backend = backend
        self._request = request
        self.head = answer.head
        self.arrays = answer.values
        """The arrays by name, in the types and shapes of the file; lists if it has slits."""

    @property
    def uri(self) -> str:
        """The URI of the product."""
        return str(self.head["uri"])

    @property
    def file_name(self) -> str:
        """The name of the FITS file."""
        return str(self.head["filename"])

    @property
    def product_type(self) -> str:
        """The product type: x1d, c1d, x1dints, s2d or s3d."""
        return str(self.head["productType"])

    @property
    def dispersion(self) -> str | None:
        """The axis along which wavelength changes: x, y or z."""
        return self.head.get("dispersion")

    @property
    def pixel_area(self) -> "Quantity | None":
        """The solid angle of a spaxel, if sums over spaxels were multiplied by it."""
        from astropy.units import Quantity

        area = self.head.get("pixelArea")
        return None if area is None else Quantity(area, "sr")

    @property
    def spectra_info(self) -> list[dict[str, Any]]:
        """Description of each spectrum of a 1-D product: extension, source, order and so on."""
        return list(self.head.get("spectra", []))

    @cached_property
    def columns(self) -> dict[str, ArrayInfo]:
        """Descriptions of the arrays, by name."""
        return {
            name: ArrayInfo(
                name, each["dtype"], each["units"] or "", each["description"], each["fitsExt"]
            )
            for name, each in self.head["column_metadata"].items()
            if name in self.arrays
        }

    def __getitem__(self, name: str) -> Any:
        """Return an array, as a quantity if it has a unit."""
        from astropy.units import Quantity, Unit

        if name not in self.arrays:
            raise KeyError(
                f"{name}: No such array in {self.file_name}. Arrays: {', '.join(self.arrays)}."
            )
        values, unit_text = self.arrays[name], self.columns[name].unit
        if not unit_text:
            return values
        unit = Unit(unit_text, parse_strict="silent")
        if isinstance(values, list):
            return [Quantity(image, unit, copy=False) for image in values]
        return Quantity(values, unit, copy=False)

    def array(self, name: str) -> NDArray[Any]:
        """Return an array without its unit.

        Raises
        ------
        spectraldb.errors.BadQueryError
            If the array was not retrieved, or if the file has several slits.
        """
        values: Values | None = self.arrays.get(name)
        if values is None:
            raise BadQueryError(
                f"{name}: This array of {self.file_name} was not retrieved. "
                f"Arrays: {', '.join(self.arrays)}."
            )
        if isinstance(values, list):
            raise BadQueryError(
                f"{self.file_name}: The file has {len(values)} slits. "
                "Retrieve one row of a slit, for example with spectrum=0."
            )
        return values

    @cached_property
    def good(self) -> NDArray[np.bool_]:
        """Mask of the good pixels, in the shape of the flux.

        A combined pixel is good if at least one of its pixels is good.
        """
        if "nGood" in self.arrays:
            return np.asarray(self.array("nGood") > 0)
        if "good" in self.arrays:
            return np.asarray(self.array("good"))
        request = [*without(self._request, "columns"), ("columns", "good")]
        return np.asarray(self._backend.arrays(request).values["good"])

    @cached_property
    def wcs(self) -> "WCS | None":
        """The celestial WCS of the last two axes of a cube; None for other products."""
        if "wcs" not in self.head:
            return None
        from astropy.wcs import WCS

        return WCS({"WCSAXES": 2, **self.head["wcs"]})
