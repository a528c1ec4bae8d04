"""The arrays of a product with their units, descriptions and quality."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spectraldb.client.backend import Backend, RetrievedArrays, Values
from spectraldb.client.parameters import Pairs, without
from spectraldb.errors import BadQueryError

if TYPE_CHECKING:
    from astropy.wcs import WCS


@dataclass(frozen=True)
class ArrayInfo:
    """The description of an array."""

    name: str
    dtype: str
    unit: str
    description: str
    fits_ext: str
    """The FITS column or extension that it came from."""


class ProductArrays:
    """The arrays of a product, or of a part of it; for one thread.

    Parameters
    ----------
    backend
        The lake of the product.
    request
        The parameters of the retrieval.
    answer
        The answer to it.
    """

    def __init__(self, backend: Backend, request: Pairs, answer: RetrievedArrays) -> None:
        self._backend = backend
        self._request = request
        self.head = answer.head
        self.arrays = answer.values
        """The arrays by name, in the file's types and shapes; of several slits lists of them."""

    @property
    def uri(self) -> str:
        """The URI of the product."""
        return str(self.head["uri"])

    @property
    def file_name(self) -> str:
        """The name of its FITS file."""
        return str(self.head["filename"])

    @property
    def product_type(self) -> str:
        """Its type: x1d, c1d, x1dints, s2d or s3d."""
        return str(self.head["productType"])

    @property
    def dispersion(self) -> str | None:
        """The axis along which wavelength runs: x, y or z."""
        return self.head.get("dispersion")

    @property
    def spectra_info(self) -> list[dict[str, Any]]:
        """The description of each spectrum of a 1-D product: extension, source, order, ..."""
        return list(self.head.get("spectra", []))

    @cached_property
    def columns(self) -> dict[str, ArrayInfo]:
        """The descriptions of the arrays by name."""
        return {
            name: ArrayInfo(
                name, each["dtype"], each["units"] or "", each["description"], each["fitsExt"]
            )
            for name, each in self.head["column_metadata"].items()
            if name in self.arrays
        }

    def __getitem__(self, name: str) -> Any:
        """Return an array, with its unit if it has one."""
        from astropy.units import Quantity, Unit

        if name not in self.arrays:
            raise KeyError(
                f"{self.file_name} has no array {name!r}; it has {', '.join(self.arrays)}"
            )
        values, unit_text = self.arrays[name], self.columns[name].unit
        if not unit_text:
            return values
        unit = Unit(unit_text, parse_strict="silent")
        if isinstance(values, list):
            return [Quantity(image, unit, copy=False) for image in values]
        return Quantity(values, unit, copy=False)

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

    @cached_property
    def good(self) -> NDArray[np.bool_]:
        """Mask of the good pixels, in the shape of the flux; documented under Quality.

        Of combined pixels it is true where at least one of them was good.
        """
        if "nGood" in self.arrays:
            return np.asarray(self.array("nGood") > 0)
        if "good" in self.arrays:
            return np.asarray(self.array("good"))
        request = [*without(self._request, "columns"), ("columns", "good")]
        return np.asarray(self._backend.arrays(request).values["good"])

    @cached_property
    def wcs(self) -> "WCS | None":
        """The celestial WCS of a cube, for its last two axes; None of anything else."""
        if "wcs" not in self.head:
            return None
        from astropy.wcs import WCS

        return WCS({"WCSAXES": 2, **self.head["wcs"]})
