"""Header and data units (HDUs): the base class of images and tables.

Arrays are read with plain reads and are never memory-mapped, so that a file that is truncated
while it is open causes an error instead of a crash.  All arrays have native byte order, as numpy,
Arrow and JSON need it; their values are bit-identical to those in the file.
"""

import math
from typing import Any, BinaryIO

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.header import LazyHeader


class Hdu:
    """A header and data unit, whose data are read on demand.

    Not thread-safe: all HDUs of a file share one file position.

    Parameters
    ----------
    file
        The open file.
    header
        The header of the HDU.
    data_offset
        Position of the data in the file, in bytes.
    """

    def __init__(self, file: BinaryIO, header: LazyHeader, data_offset: int) -> None:
        self._file = file
        self.header = header
        self.data_offset = data_offset
        self.extension_type = str(self.header.get("XTENSION", "PRIMARY"))
        self.name = str(self.header.get("EXTNAME") or "").upper()
        self.version = self.integer("EXTVER", 1)

    def integer(self, keyword: str, default: int = 0) -> int:
        """Return the value of an integer keyword, or the default if it is missing."""
        return int(self.number(keyword, default))

    def number(self, keyword: str, default: float) -> float:
        """Return the value of a numeric keyword, or the default if it is missing."""
        value = self.header.get(keyword)
        return value if isinstance(value, int | float) else default

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes (NAXISn) in numpy's order, slowest axis first."""
        return tuple(self.integer(f"NAXIS{i}") for i in range(self.integer("NAXIS"), 0, -1))

    @property
    def data_size(self) -> int:
        """Size of the data in bytes, without padding (standard 4.0, equation 2)."""
        if not self.shape:
            return 0
        elements = self.integer("GCOUNT", 1) * (self.integer("PCOUNT") + math.prod(self.shape))
        return abs(self.integer("BITPIX")) // 8 * elements

    def _read(self, dtype: np.dtype[Any], start: int, count: int) -> Array:
        """Return `count` elements of the data, starting at element `start`, 1-D, as on disk."""
        self._file.seek(self.data_offset + start * dtype.itemsize)
        raw = self._file.read(count * dtype.itemsize)
        if len(raw) != count * dtype.itemsize:
            raise RefusedError(
                f"The file is truncated: the data of extension {self.name or 1} are incomplete."
            )
        return np.frombuffer(raw, dtype)
