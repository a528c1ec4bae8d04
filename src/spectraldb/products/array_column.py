"""Arrays of a product: their metadata and their values, read in chunks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import numpy as np

from spectraldb.arrays import Array
from spectraldb.schema.columns import by_name
from spectraldb.schema.dq_flags import DQ_FLAGS

_DTYPES = {"f8": "float", "f4": "float32", "b1": "bool"}
_NUMPY = {
    "i1": "int8",
    "i2": "int16",
    "i4": "int32",
    "i8": "int64",
    "u1": "uint8",
    "u2": "uint16",
    "u4": "uint32",
    "u8": "uint64",
}


def dtype_name(dtype: np.dtype[Any]) -> str:
    """Return the name of a numpy type in `column_metadata`; `float` is an IEEE double."""
    if dtype.kind in "US":
        return "string"
    code = f"{dtype.kind}{dtype.itemsize}"
    return _DTYPES.get(code) or _NUMPY[code]


def numpy_type(name: str) -> np.dtype[Any]:
    """Return the numpy type for a name returned by `dtype_name`, except `string`."""
    codes = {known: code for code, known in (_DTYPES | _NUMPY).items()}
    return np.dtype(codes[name])


class ArrayDescription(TypedDict):
    """Name, description and units of an array, as keyword arguments of `ArrayColumn`."""

    name: str
    description: str
    unit: str
    fits_unit: str
    fits_ext: str


@dataclass(frozen=True)
class ArrayColumn:
    """An array of a product, read lazily.

    `chunks` yields consecutive parts along the first axis, in native byte order.
    """

    name: str
    fits_ext: str
    dtype: str
    shape: tuple[int, ...]
    chunks: Callable[[], Iterator[Array]]
    unit: str = ""
    """The correct unit, in a form that astropy parses."""
    fits_unit: str = ""
    """The unit as written in the file."""
    description: str = ""
    per: Literal["pixel", "spectrum"] = "pixel"
    ragged: bool = False
    """Whether each chunk is an image with its own shape (the slits of a level-2 file)."""

    def read(self) -> Array:
        """Return the whole array; its shape is `shape`."""
        chunks = list(self.chunks())
        return np.concatenate(chunks) if len(chunks) != 1 else chunks[0]

    def metadata(self) -> dict[str, object]:
        """Return the column's entry in `column_metadata`."""
        entry: dict[str, object] = {
            "dtype": self.dtype,
            "description": self.description,
            "units": self.unit or None,
            "fitsExt": self.fits_ext,
        }
        if self.fits_unit != self.unit:
            entry["fitsUnits"] = self.fits_unit or None
        if self.per != "pixel":
            entry["per"] = self.per
        if self.name in by_name() and by_name()[self.name].has_flags:
            entry["flags"] = DQ_FLAGS
        return entry


def computed_column(
    name: str, values: Array, unit: str, description: str, source: str = "derived"
) -> ArrayColumn:
    """Return a column of computed values, which are not an array of the file.

    Parameters
    ----------
    name, unit, description
        As in `ArrayColumn`.
    values
        The whole array, of any shape.
    source
        The extension that the values were computed from.
    """
    return ArrayColumn(
        name=name,
        fits_ext=source,
        dtype=dtype_name(values.dtype),
        shape=values.shape,
        chunks=lambda: iter([values]),
        unit=unit,
        fits_unit=unit,
        description=description,
    )
