"""The format of a segment: a folder of columns, and a manifest of how each is encoded."""

from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from spectraldb.arrays import Array

FORMAT = 2
"""The version of the format; a segment of any other is ignored, and written again."""

ZONE = 128
"""The number of consecutive pixels whose lowest and highest values are recorded."""

MANIFEST = "segment.json"
SPECTRA = "spectra.arrow"


class Encoding(StrEnum):
    """How the values of a column are stored."""

    DENSE = "dense"
    """One after the other, in the smallest type that holds them exactly."""
    CONSTANT = "constant"
    """One for each spectrum, all of whose pixels have it."""
    PIXEL = "pixel"
    """Not at all: they equal those of the column `pixel`."""
    PLANE = "plane"
    """One for each plane of a product: all of its spectra have the same."""
    ABSENT = "absent"
    """Not at all: all are null."""


class ColumnEncoding(BaseModel, frozen=True):
    """How one column is stored."""

    encoding: Encoding
    zones: bool = False
    """Whether the lowest and highest value of each zone are stored too."""


class Manifest(BaseModel, frozen=True):
    """The manifest of a segment."""

    format: int
    rows: int
    columns: dict[str, ColumnEncoding]


def column_file(folder: Path, name: str, part: str = "") -> Path:
    """Return the file of a column's values, or of another part of the column."""
    return folder / f"{name}{'.' if part else ''}{part}.npy"


def null_code(dtype: np.dtype[Any]) -> int:
    """Return the integer that stands for null in a column of a type."""
    return int(np.iinfo(dtype).max)


def smallest_integer_type(low: int, high: int) -> np.dtype[Any]:
    """Return the smallest type for integers of a range that leaves one over to stand for null."""
    for name in ("u1", "u2", "u4", "i1", "i2", "i4"):
        info = np.iinfo(name)
        if info.min <= low and high < info.max:
            return np.dtype(name)
    return np.dtype("i8")


def fits_float32(values: Array) -> bool:
    """Return whether 32-bit numbers hold values exactly."""
    with np.errstate(over="ignore"):
        same = values.astype("f4").astype("f8") == values
    return bool(np.all(same | np.isnan(values)))
