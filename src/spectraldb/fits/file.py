"""The HDUs of a FITS file, and their pixels read in slices.

Arrays are read with plain reads, never mapped: a file that is cut short while it is served
then gives an error and not a crash.  All arrays come in native byte order, as numpy computes
on and as Arrow and JSON want them, with the file's values bit for bit.
"""

import gzip
import io
import math
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.header import CARD, Cards, LazyCards

BLOCK = 2880
SMALL_TABLE = 2**20
_IMAGE_TYPES = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
_OTHER_FORMS = {"L": 1, "X": 0, "C": 8, "M": 16, "P": 8, "Q": 16}
"""Bytes of the forms that no array of a JWST spectrum has; such columns are passed over."""
_TABLE_TYPES = {"B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}
_TFORM = re.compile(r"(\d*)([A-Z])(.*)")


def native(array: Array) -> Array:
    """Return the array in native byte order, the values untouched."""
    return np.asarray(array, array.dtype.newbyteorder("="))


def scaled(array: Array, scale: float, zero: float) -> Array:
    """Return an array with FITS' scale and zero point applied (standard 4.0, section 4.4.2.5).

    A zero point of half the range of a signed integer is the convention for unsigned ones, and
    is applied without leaving the integers.
    """
    array = native(array)
    if scale == 1 and zero == 0:
        return array
    bits = array.dtype.itemsize * 8
    if scale == 1 and array.dtype.kind == "i" and zero == 2 ** (bits - 1):
        sign = array.dtype.type(-(2 ** (bits - 1)))
        return np.asarray((array ^ sign).view(f"u{array.dtype.itemsize}"))
    return array * scale + zero


@dataclass(frozen=True)
class Field:
    """A column of a binary table."""

    name: str
    unit: str
    scale: float
    zero: float
    form: str
    """Letter of its TFORM."""

    @property
    def key(self) -> str:
        """The name in upper case: names of columns are the same whatever their case."""
        return self.name.upper()


class Hdu:
    """One header and data unit; nothing of the data is read until it is asked for."""

    def __init__(self, file: BinaryIO, text: str, offset: int) -> None:
        self._file = file
        self.text = text
        self.offset = offset
        self.cards: Cards = LazyCards(text)
        self.kind = str(self.cards.get("XTENSION", "PRIMARY"))
        self.name = str(self.cards.get("EXTNAME") or "").upper()
        self.version = self.number("EXTVER", 1)

    def number(self, keyword: str, default: int = 0) -> int:
        """Return an integer card."""
        value = self.cards.get(keyword)
        return int(value) if isinstance(value, int | float) else default

    @property
    def axes(self) -> tuple[int, ...]:
        """The lengths of the axes in numpy's order, slowest first."""
        return tuple(self.number(f"NAXIS{i}") for i in range(self.number("NAXIS"), 0, -1))

    @property
    def data_size(self) -> int:
        """Bytes of the data (standard 4.0, equation 2)."""
        if not self.axes:
            return 0
        pixels = self.number("GCOUNT", 1) * (self.number("PCOUNT") + math.prod(self.axes))
        return abs(self.number("BITPIX")) // 8 * pixels

    @property
    def is_image(self) -> bool:
        """Whether this is an image with pixels."""
        return self.kind in ("PRIMARY", "IMAGE") and self.data_size > 0

    @property
    def is_table(self) -> bool:
        """Whether this is a binary table, and not an image compressed into one."""
        return self.kind == "BINTABLE" and self.cards.get("ZIMAGE") is not True

    def _read(self, dtype: np.dtype[Any], start: int, count: int) -> Array:
        self._file.seek(self.offset + start * dtype.itemsize)
        raw = self._file.read(count * dtype.itemsize)
        if len(raw) != count * dtype.itemsize:
            raise RefusedError(f"truncated: the data of extension {self.name or 1} end early")
        return np.frombuffer(raw, dtype)

    # Images

    @cached_property
    def _zero_scale(self) -> tuple[float, float]:
        return _float(self.cards.get("BSCALE"), 1.0), _float(self.cards.get("BZERO"), 0.0)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the image's values as `image` gives them."""
        raw = np.zeros(1, _IMAGE_TYPES[self.number("BITPIX")])
        return scaled(raw, *self._zero_scale).dtype

    def image(self, start: int = 0, stop: int | None = None) -> Array:
        """Return the image, or a range along its first (slowest) axis, native byte order."""
        shape = self.axes
        stop = shape[0] if stop is None else min(stop, shape[0])
        plane = math.prod(shape[1:])
        raw = self._read(
            np.dtype(_IMAGE_TYPES[self.number("BITPIX")]), start * plane, (stop - start) * plane
        )
        return scaled(raw, *self._zero_scale).reshape(stop - start, *shape[1:])

    def slab(self, start: int, stop: int) -> Array:
        """Return a range along the second axis of a cube, shape (planes, stop - start, nx).

        It is as on disk: `values_of` gives the values of what is cut from it.
        """
        planes, ny, nx = self.axes
        dtype = np.dtype(_IMAGE_TYPES[self.number("BITPIX")])
        if stop - start == ny:
            return self._read(dtype, 0, planes * ny * nx).reshape(self.axes)
        firsts = range(start * nx, planes * ny * nx, ny * nx)
        raw = [self._read(dtype, first, (stop - start) * nx) for first in firsts]
        return np.concatenate(raw).reshape(planes, -1, nx)

    def box(self, ranges: Sequence[range]) -> Array:
        """Return a box of an image: a range of indices along each axis; only its rows are read."""
        *outer, rows, columns = ranges
        planes = np.array([0])
        for length, wanted in zip(self.axes, outer, strict=False):
            planes = (planes[:, np.newaxis] * length + np.array(wanted)).ravel()
        ny, nx = self.axes[-2:]
        dtype = np.dtype(_IMAGE_TYPES[self.number("BITPIX")])
        raw = np.concatenate(
            [
                self._read(dtype, (first * ny + rows.start) * nx, n * nx)
                for first, n in _runs(planes, rows, ny)
            ]
        )
        cut = raw.reshape(-1, nx)[:, columns.start : columns.stop]
        return scaled(cut, *self._zero_scale).reshape([len(each) for each in ranges])

    def values_of(self, raw: Array) -> Array:
        """Return the values of pixels that are as on disk."""
        return scaled(raw, *self._zero_scale)

    # Binary tables

    @property
    def n_rows(self) -> int:
        """Number of rows of the table."""
        return self.number("NAXIS2")

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The columns of the table that are read, in order."""
        return tuple(field for field in self._all_fields if field.form not in _OTHER_FORMS)

    @cached_property
    def _all_fields(self) -> tuple[Field, ...]:
        return tuple(self._field(i) for i in range(1, self.number("TFIELDS") + 1))

    def _field(self, i: int) -> Field:
        cards = self.cards
        return Field(
            name=str(cards.get(f"TTYPE{i}") or f"col{i}"),
            unit=str(cards.get(f"TUNIT{i}") or ""),
            scale=_float(cards.get(f"TSCAL{i}"), 1.0),
            zero=_float(cards.get(f"TZERO{i}"), 0.0),
            form=self._form(i)[1],
        )

    @cached_property
    def row_dtype(self) -> np.dtype[Any]:
        """The type of a row as it is on disk."""
        dtype = np.dtype([(f.name, *self._on_disk(i)) for i, f in enumerate(self._all_fields, 1)])
        if dtype.itemsize != self.number("NAXIS1"):
            raise RefusedError(f"the columns of table {self.name or 1} do not fill its rows")
        return dtype

    def _form(self, i: int) -> tuple[int, str]:
        """Return repeat count and letter of a column's form (standard 4.0, section 7.3.1)."""
        form = str(self.cards.get(f"TFORM{i}")).strip()
        match = _TFORM.match(form)
        if not match or match[2] not in {*_TABLE_TYPES, *_OTHER_FORMS, "A"}:
            raise RefusedError(f"column {i} of table {self.name or 1} has no form: {form}")
        return int(match[1] or 1), match[2]

    def _on_disk(self, i: int) -> tuple[Any, ...]:
        repeat, letter = self._form(i)
        if letter == "A":
            return (f"S{repeat}",)
        if letter in _OTHER_FORMS:
            return (f"V{-(-repeat // 8) if letter == 'X' else repeat * _OTHER_FORMS[letter]}",)
        return (_TABLE_TYPES[letter], self._dimensions(i, repeat))

    def _dimensions(self, i: int, repeat: int) -> tuple[int, ...]:
        tdim = self.cards.get(f"TDIM{i}")
        if isinstance(tdim, str):
            sizes = tuple(int(n) for n in re.findall(r"\d+", tdim))[::-1]
            if math.prod(sizes) == repeat:
                return sizes
        return () if repeat == 1 else (repeat,)

    def rows(self, start: int = 0, stop: int | None = None) -> Array:
        """Return rows of the table as they are on disk: a structured array, big-endian."""
        stop = self.n_rows if stop is None else min(stop, self.n_rows)
        return self._read(self.row_dtype, start, stop - start)

    def column(self, field: Field, start: int = 0, stop: int | None = None) -> Array:
        """Return one column of some rows, reading nothing else where these are long."""
        size = self.row_dtype.itemsize
        stop = self.n_rows if stop is None else min(stop, self.n_rows)
        if size * (stop - start) <= SMALL_TABLE:
            return self.values(field, self.rows(start, stop))
        dtype, place = self.row_dtype.fields[field.name][:2]  # type: ignore[index]
        part = np.dtype([(field.name, dtype)])
        raw = bytearray()
        for row in range(start, stop):
            self._file.seek(self.offset + row * size + place)
            raw += self._file.read(dtype.itemsize)
        return self.values(field, np.frombuffer(raw, part))

    def values(self, field: Field, rows: Array) -> Array:
        """Return the values of one column of `rows`: native byte order, text as strings."""
        raw = rows[field.name]
        if field.form == "A":
            return np.char.rstrip(np.char.decode(raw, "ascii", "replace"))
        return scaled(raw, field.scale, field.zero)


class FitsFile:
    """A FITS file, plain or gzipped, open for reading.

    Raises
    ------
    RefusedError
        If the file is empty, is not FITS, or ends before its last extension does.
    """

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = _open(path)
        try:
            self.hdus: tuple[Hdu, ...] = tuple(self._scan())
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def primary(self) -> Hdu:
        """The first HDU."""
        return self.hdus[0]

    def find(self, name: str, version: int | None = None) -> Hdu | None:
        """Return the first extension of that name (and EXTVER); order in the file is no matter."""
        for hdu in self.hdus:
            if hdu.name == name and version in (None, hdu.version):
                return hdu
        return None

    def all_named(self, name: str) -> list[Hdu]:
        """Return all extensions of that name, in the order of the file."""
        return [hdu for hdu in self.hdus if hdu.name == name]

    def _scan(self) -> Iterator[Hdu]:
        size = self._file.seek(0, io.SEEK_END)
        if size == 0:
            raise RefusedError("the file is empty")
        position = 0
        while position < size:
            text, offset = self._header(position)
            if not text:
                return
            hdu = Hdu(self._file, text, offset)
            position = offset + -(-hdu.data_size // BLOCK) * BLOCK
            if position > size:
                missing = position - size
                raise RefusedError(f"truncated: at least {missing} bytes are missing at its end")
            yield hdu

    def _header(self, start: int) -> tuple[str, int]:
        """Return the text of the header at `start` and where its data begin; "" after the last."""
        self._file.seek(start)
        text = ""
        while True:
            block = self._file.read(BLOCK)
            if not text and not block.startswith(b"SIMPLE  =" if start == 0 else b"XTENSION="):
                if start == 0:
                    raise RefusedError("not a FITS file")
                return "", start  # FITS allows special records after the last extension
            if len(block) < BLOCK:
                raise RefusedError("truncated: a header ends early")
            text += block.decode("ascii", "replace")
            if _has_end(text[-BLOCK:]):
                return text, start + len(text)


def _runs(planes: Array, rows: range, ny: int) -> Iterator[tuple[int, int]]:
    """Yield planes to begin at, and how many rows to read on; whole planes in one go."""
    if len(rows) < ny:
        yield from ((int(plane), len(rows)) for plane in planes)
        return
    for run in np.split(planes, np.flatnonzero(np.diff(planes) != 1) + 1):
        yield int(run[0]), len(run) * ny


def _has_end(block: str) -> bool:
    return any(block[i : i + CARD].rstrip() == "END" for i in range(0, len(block), CARD))


def _float(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default


def _open(path: Path) -> BinaryIO:
    if path.name.endswith(".gz"):
        try:
            return io.BytesIO(gzip.decompress(path.read_bytes()))
        except EOFError as error:
            raise RefusedError("truncated: its gzip stream ends early") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise RefusedError(f"not a gzip file, or a damaged one: {error}") from error
    return cast("BinaryIO", path.open("rb"))
