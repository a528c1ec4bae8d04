"""What a segment is on disk: a folder of columns, and a page that says how each is kept."""

from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from spectraldb.arrays import Array

FORMAT = 1
"""Of what this code writes and reads; a segment of another is passed over and written anew."""

ZONE = 128
"""So many pixels, one after the other, have a lowest and a highest value written down."""

MANIFEST = "segment.json"
SPECTRA = "spectra.arrow"


class Kind(StrEnum):
    """How the values of a column are kept."""

    DENSE = "dense"
    """One after the other, in the smallest type that holds them exactly."""
    CONSTANT = "constant"
    """One for each spectrum, all of whose pixels have it."""
    PIXEL = "pixel"
    """Not at all: they are those of the column `pixel`."""
    PLANE = "plane"
    """One for each plane of a product: all of its spectra have the same."""
    ABSENT = "absent"
    """Not at all: there are none."""


class Kept(BaseModel, frozen=True):
    """How one column is kept."""

    kind: Kind
    zones: bool = False


class Manifest(BaseModel, frozen=True):
    """What a segment tells of itself."""

    format: int
    rows: int
    columns: dict[str, Kept]


def column_file(folder: Path, name: str, part: str = "") -> Path:
    """Return the file of a column's values, or of a part of what is known of them."""
    return folder / f"{name}{'.' if part else ''}{part}.npy"


def none_code(dtype: np.dtype[Any]) -> int:
    """Return the whole number that stands for no value in a column of a type."""
    return int(np.iinfo(dtype).max)


def smallest(low: int, high: int) -> np.dtype[Any]:
    """Return the smallest type for whole numbers, with one left over to stand for none."""
    for name in ("u1", "u2", "u4", "i1", "i2", "i4"):
        info = np.iinfo(name)
        if info.min <= low and high < info.max:
            return np.dtype(name)
    return np.dtype("i8")


def single_is_exact(values: Array) -> bool:
    """Tell whether 32-bit numbers hold values exactly."""
    with np.errstate(over="ignore"):
        same = values.astype("f4").astype("f8") == values
    return bool(np.all(same | np.isnan(values)))
