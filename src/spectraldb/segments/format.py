"""The format of a segment: a folder with columns, and a manifest of their encodings."""

from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from spectraldb.arrays import Array
from spectraldb.schema.columns import by_name

FORMAT = 3
"""Version of the format; segments in another format are ignored and rewritten."""

ZONE = 128
"""Number of consecutive pixels in a zone, whose minima and maxima are recorded."""

MANIFEST = "segment.json"
SPECTRA = "spectra.arrow"


class Encoding(StrEnum):
    """Encoding of the values of a column."""

    DENSE = "dense"
    """One value per pixel, in the smallest type that represents all values exactly."""
    CONSTANT = "constant"
    """One value per spectrum, the same for all of its pixels."""
    COUNTER = "counter"
    """One value per spectrum, that of its first pixel; it increases by 1 from pixel to pixel."""
    PIXEL = "pixel"
    """No values, because they equal those of the column `pixel`."""
    PLANE = "plane"
    """One value per plane of a product, the same for all of its spectra."""
    COMPUTED = "computed"
    """No values, because they are computed from other columns."""
    ABSENT = "absent"
    """No values, because all are null."""


WITHOUT_VALUES = frozenset({Encoding.PIXEL, Encoding.COMPUTED, Encoding.ABSENT})
"""The encodings of columns that have no file of values."""


class ColumnEncoding(BaseModel, frozen=True):
    """Storage of one column."""

    encoding: Encoding
    zones: bool = False
    """Whether the minimum and maximum of each zone are also stored."""
    nulls: bool = False
    """Whether some values are null; which zones and spectra have such values is stored then."""


class Manifest(BaseModel, frozen=True):
    """The manifest of a segment."""

    format: int
    """Version of the format; see `FORMAT`."""
    rows: int
    """Number of pixels."""
    columns: dict[str, ColumnEncoding]
    """Encodings by column name."""

    @property
    def parts(self) -> list[tuple[str, str]]:
        """The files of the columns: the name of a column and, except for its values, of a part."""
        parts = []
        for name, column in self.columns.items():
            parts += [(name, "")] * (column.encoding not in WITHOUT_VALUES)
            parts += [(name, "first")] * (column.encoding is Encoding.PLANE)
            parts += [(name, "low"), (name, "high")] * column.zones
            parts += [(name, "nullZones"), (name, "nullSpectra")] * column.nulls
        return [*parts, ("wavelength", "ascending")]


def column_file(folder: Path, name: str, part: str = "") -> Path:
    """Return the path of the values of a column, or of another part of the column."""
    return folder / f"{name}{'.' if part else ''}{part}.npy"


def null_code(dtype: np.dtype[Any]) -> int:
    """Return the integer that represents null in columns of an integer type: its maximum."""
    return int(np.iinfo(dtype).max)


def smallest_integer_type(low: int, high: int) -> np.dtype[Any]:
    """Return the smallest integer type for a closed range and a value for null above it."""
    for name in ("u1", "u2", "u4", "i1", "i2", "i4"):
        info = np.iinfo(name)
        if info.min <= low and high < info.max:
            return np.dtype(name)
    return np.dtype("i8")


def fits_float32(values: Array) -> bool:
    """Return whether 32-bit floating-point numbers represent all values exactly."""
    with np.errstate(over="ignore"):
        same = values.astype("f4").astype("f8") == values
    return bool(np.all(same | np.isnan(values)))


def is_floating(name: str) -> bool:
    """Return whether a column of pixels has floating-point numbers."""
    return by_name()[name].dtype == "float"
