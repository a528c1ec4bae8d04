"""Binary table HDUs: fields (columns) and rows, read in whole or in part."""

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.hdu import Hdu
from spectraldb.fits.values import physical_values

SMALL_TABLE = 2**20
"""Maximum size in bytes of rows that are read completely to extract one column."""

_DTYPES = {"B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}
"""Types on disk by the letter of TFORM (standard 4.0, table 18)."""

_UNREAD_SIZES = {"L": 1, "X": 0, "C": 8, "M": 16, "P": 8, "Q": 16}
"""Element sizes of the types that JWST spectra do not use; fields of these types are skipped."""

_DESCRIPTORS = {"P": ">i4", "Q": ">i8"}
"""Types of the length and the offset of a variable-length array (standard 4.0, section 7.3.5)."""

_INTEGERS = "BIJK"
"""Letters of the types that can have TNULL."""

_TFORM = re.compile(r"(\d*)([A-Z])(.*)")


@dataclass(frozen=True)
class Field:
    """A field (column) of a binary table."""

    name: str
    unit: str
    scale: float
    zero: float
    type_code: str
    """Letter of TFORM."""
    null: int | None = None
    """The integer on disk that stands for a missing value (TNULL), if there is one."""

    element: str = ""
    """Letter of the elements of a variable-length array; empty for other fields."""

    @property
    def key(self) -> str:
        """The name in upper case, because field names are case-insensitive."""
        return self.name.upper()


class TableHdu(Hdu):
    """A binary table that is not a compressed image.  Not thread-safe; see `Hdu`."""

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.integer("NAXIS2")

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The readable fields, in order."""
        return tuple(
            field
            for field in self._all_fields
            if field.type_code not in _UNREAD_SIZES or field.element
        )

    @cached_property
    def _all_fields(self) -> tuple[Field, ...]:
        return tuple(self._field(i) for i in range(1, self.integer("TFIELDS") + 1))

    def _field(self, i: int) -> Field:
        return Field(
            name=str(self.header.get(f"TTYPE{i}") or f"col{i}"),
            unit=str(self.header.get(f"TUNIT{i}") or ""),
            scale=float(self.number(f"TSCAL{i}", 1.0)),
            zero=float(self.number(f"TZERO{i}", 0.0)),
            type_code=self._format(i)[1],
            null=self._null(i),
            element=self._element(i),
        )

    def _element(self, i: int) -> str:
        """Return the letter of the elements of a variable-length array of numbers, else nothing."""
        match = re.match(r"[01]?[PQ]([A-Z])", str(self.header.get(f"TFORM{i}")).strip())
        return match[1] if match and match[1] in _DTYPES else ""

    def cell_shape(self, field: Field) -> tuple[int, ...]:
        """Return the shape of a cell; that of the longest one if their lengths vary."""
        if not field.element:
            return tuple(self.row_dtype[field.name].shape)
        return (int(self.array_lengths(field).max(initial=0)),)

    def array_lengths(self, field: Field) -> Array:
        """Return the length of the variable-length array in each row, shape (rows,)."""
        return np.asarray(self._descriptors(field, self.rows())[:, 0])

    def _descriptors(self, field: Field, rows: Array) -> Array:
        """Return the length and the offset in the heap of each array, shape (rows, 2)."""
        raw = np.ascontiguousarray(rows[field.name])
        return raw.view(_DESCRIPTORS[field.type_code]).reshape(-1, 2).astype("i8")

    def _from_heap(self, field: Field, rows: Array) -> Array:
        """Return arrays of varying length as on disk, padded with zeros, shape (rows, longest)."""
        dtype = np.dtype(_DTYPES[field.element])
        heap = self.integer("THEAP", self.row_dtype.itemsize * self.n_rows)
        padded = np.zeros((len(rows), *self.cell_shape(field)), dtype)
        for row, (length, offset) in enumerate(self._descriptors(field, rows).tolist()):
            self._file.seek(self.data_offset + heap + offset)
            padded[row, :length] = np.frombuffer(self._file.read(length * dtype.itemsize), dtype)
        return padded

    def _null(self, i: int) -> int | None:
        null = self.header.get(f"TNULL{i}")
        return null if isinstance(null, int) and self._format(i)[1] in _INTEGERS else None

    @cached_property
    def row_dtype(self) -> np.dtype[Any]:
        """Type of a row as on disk."""
        dtype = np.dtype([(f.name, *self._on_disk(i)) for i, f in enumerate(self._all_fields, 1)])
        if dtype.itemsize != self.integer("NAXIS1"):
            raise RefusedError(
                f"The columns of table {self.name or 1} do not add up to its row length (NAXIS1)."
            )
        return dtype

    def _format(self, i: int) -> tuple[int, str]:
        """Return the repeat count and the type letter of a field (standard 4.0, section 7.3.1)."""
        form = str(self.header.get(f"TFORM{i}")).strip()
        match = _TFORM.match(form)
        if not match or match[2] not in {*_DTYPES, *_UNREAD_SIZES, "A"}:
            raise RefusedError(
                f"Column {i} of table {self.name or 1} has the unsupported format {form!r}."
            )
        return int(match[1] or 1), match[2]

    def _on_disk(self, i: int) -> tuple[Any, ...]:
        """Return the numpy type and the shape of a field in a row."""
        repeat, code = self._format(i)
        if code == "A":
            return (f"S{repeat}",)
        if code == "X":  # bits
            return (f"V{-(-repeat // 8)}",)
        if code in _UNREAD_SIZES:
            return (f"V{repeat * _UNREAD_SIZES[code]}",)
        return (_DTYPES[code], self._cell_shape(i, repeat))

    def _cell_shape(self, i: int, repeat: int) -> tuple[int, ...]:
        tdim = self.header.get(f"TDIM{i}")
        if isinstance(tdim, str):
            shape = tuple(int(n) for n in re.findall(r"\d+", tdim))[::-1]
            if math.prod(shape) == repeat:
                return () if repeat == 1 else shape
        return () if repeat == 1 else (repeat,)

    def rows(self, start: int = 0, stop: int | None = None) -> Array:
        """Return a range of rows as on disk: a structured array, big-endian."""
        stop = self.n_rows if stop is None else min(stop, self.n_rows)
        return self._read(self.row_dtype, start, stop - start)

    def column(self, field: Field, start: int = 0, stop: int | None = None) -> Array:
        """Return one field of a range of rows; if the rows are large, read only this field."""
        row_size = self.row_dtype.itemsize
        stop = self.n_rows if stop is None else min(stop, self.n_rows)
        if row_size * (stop - start) <= SMALL_TABLE:
            return self.values(field, self.rows(start, stop))
        dtype, offset = self.row_dtype.fields[field.name][:2]  # type: ignore[index]
        raw = bytearray()
        for row in range(start, stop):
            self._file.seek(self.data_offset + row * row_size + offset)
            raw += self._file.read(dtype.itemsize)
        return self.values(field, np.frombuffer(raw, np.dtype([(field.name, dtype)])))

    def values(self, field: Field, rows: Array) -> Array:
        """Return the physical values of one field of `rows`; text fields as strings.

        Missing values of an integer field (TNULL) are NaN.
        """
        raw = self._from_heap(field, rows) if field.element else rows[field.name]
        if field.type_code == "A":
            return np.char.rstrip(np.char.decode(raw, "utf-8", "replace"))
        return physical_values(raw, field.scale, field.zero, field.null)
