"""What a product is, whatever its kind: arrays to retrieve, and blocks of spectra to search."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Self, TypedDict

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import NotHeldError
from spectraldb.fits.file import FitsFile
from spectraldb.fits.header import Cards, Value
from spectraldb.products.units import right_unit
from spectraldb.schema.columns import by_fits_name, camel_case

Axis = Literal["x", "y", "z"]

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
    """Return the name that `column_metadata` gives a numpy type; `float` is IEEE double."""
    if dtype.kind in "US":
        return "string"
    code = f"{dtype.kind}{dtype.itemsize}"
    return _DTYPES.get(code) or _NUMPY[code]


def numpy_type(name: str) -> np.dtype[Any]:
    """Return the numpy type of a name that `dtype_name` gives, but for text."""
    codes = {known: code for code, known in (_DTYPES | _NUMPY).items()}
    return np.dtype(codes[name])


class Described(TypedDict):
    """What an array is, as ArrayColumn takes it."""

    name: str
    description: str
    unit: str
    fits_unit: str
    fits_ext: str


@dataclass(frozen=True)
class ArrayColumn:
    """One array of a product, read when it is iterated.

    `chunks` gives pieces along the first axis, in native byte order, end to end the whole array.
    """

    name: str
    fits_ext: str
    dtype: str
    shape: tuple[int, ...]
    chunks: Callable[[], Iterator[Array]]
    unit: str = ""
    fits_unit: str = ""
    description: str = ""
    per: Literal["pixel", "spectrum"] = "pixel"
    ragged: bool = False
    """Whether each chunk is an image of its own shape (the slits of a level-2 file)."""

    def read(self) -> Array:
        """Return the whole array, of shape `shape`."""
        pieces = list(self.chunks())
        return np.concatenate(pieces) if len(pieces) != 1 else pieces[0]

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
        return entry


@dataclass(frozen=True)
class Block:
    """A run of spectra of one product, side by side.

    Arrays are (spectra, pixels); `wavelength` may be (1, pixels) where all share it.
    Pixels outside of a spectrum's true length are not `inside`.
    """

    first: int
    wavelength: Array
    flux: Array
    flux_err: Array
    inside: Array
    good: Array
    axis: Axis
    spectra: dict[str, Any]
    """Columns of SpectralCharacteristics by API name, one value or one array each."""
    dq: Array | None = None
    more: dict[str, Array] = field(default_factory=dict)
    """Further pixel columns by API name."""
    x: Array | None = None
    y: Array | None = None

    @property
    def numbers(self) -> Array:
        """The numbers of the spectra in the product, shape (spectra,)."""
        return np.arange(self.first, self.first + self.flux.shape[0], dtype="i4")

    @property
    def stored(self) -> Array:
        """Which pixels have a value and so can be found, shape (spectra, pixels)."""
        return self.inside & np.isfinite(self.flux)


class Product(ABC):
    """An open product.  Use it as a context manager: the file stays open for its arrays."""

    def __init__(self, file: FitsFile, file_name: str, product_type: str) -> None:
        self.file = file
        self.file_name = file_name
        self.product_type = product_type

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.file.__exit__(None, None, None)

    @property
    def primary(self) -> Cards:
        """The cards of the primary header."""
        return self.file.primary.cards

    @property
    @abstractmethod
    def science(self) -> Cards:
        """The cards of the (first) science extension."""

    @property
    @abstractmethod
    def n_spectra(self) -> int:
        """How many spectra the product has."""

    @property
    @abstractmethod
    def units(self) -> dict[str, str]:
        """The right units of the pixel columns, by API name."""

    @property
    @abstractmethod
    def dispersion(self) -> Axis:
        """The axis along which wavelength runs."""

    @abstractmethod
    def columns(self) -> list[ArrayColumn]:
        """Return all arrays."""

    @abstractmethod
    def blocks(self) -> Iterator[Block]:
        """Yield all spectra in order, in blocks that fit in memory."""

    def spectra(self) -> list[dict[str, object]]:
        """Return what each spectrum is; images and cubes, all alike, list none."""
        return []

    def keyword(self, *names: str) -> Value:
        """Return the first of these keywords that has a value: primary header, then science.

        Where a keyword stands in both the primary's is meant: FILENAME in the tables of slitless
        spectra, for one, is the name of an exposure.
        """
        for name in names:
            for cards in (self.primary, self.science):
                value = cards.get(name)
                if value not in (None, ""):
                    return value
        return None

    def sky_cards(self, x: int, y: int) -> dict[str, Value]:  # noqa: ARG002 - a cube's
        """Return the FITS cards of the celestial axes of a part that begins at x, y; of cubes."""
        return {}

    def row_columns(self) -> list[ArrayColumn]:
        """Return the columns that hold one value a spectrum; `spectra` lists their values."""
        return []

    def check_spectrum(self, spectrum: int | None) -> None:
        """Raise NotHeldError if the product has no spectrum of that number."""
        if spectrum is not None and not 0 <= spectrum < self.n_spectra:
            raise NotHeldError(
                f"{self.file_name} has no spectrum {spectrum}: its spectra are numbered 0 to "
                f"{self.n_spectra - 1}"
            )

    def describe(self, fits_name: str, fits_unit: str) -> Described:
        """Return name, description and units of an array of this product."""
        known = by_fits_name(fits_name)
        unit = right_unit(fits_name, fits_unit, self.primary, self.science)
        if fits_name == "WAVELENGTH":
            unit = unit or "um"  # the extension of a 2-D spectrum says none
        return {
            "name": camel_case(fits_name),
            "description": known.description if known else f"{fits_name} of the file",
            "unit": unit,
            "fits_unit": fits_unit,
            "fits_ext": fits_name,
        }
