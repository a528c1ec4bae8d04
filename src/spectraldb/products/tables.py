"""1-D products: x1d, c1d and x1dints, of every release."""

from collections.abc import Iterator
from functools import cache, cached_property
from itertools import groupby

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile, Hdu
from spectraldb.fits.header import Cards
from spectraldb.products.model import ArrayColumn, Axis, Block, Product, dtype_name
from spectraldb.products.quality import good_1d
from spectraldb.products.spectrum_metadata import Entry, identity, integration_times, row_name
from spectraldb.products.spectrum_table import KEEP_BYTES, SpectrumTable
from spectraldb.products.units import right_unit
from spectraldb.schema.columns import by_fits_name, by_name, camel_case, columns_of
from spectraldb.schema.tables import Table

STACKED = 256
"""How many scalar tables of equal length are worked on together: old time series have thousands."""

_ERRORS = ("FLUX_ERROR", "ERROR")


class TableProduct(Product):
    """A product whose spectra are binary tables."""

    def __init__(self, file: FitsFile, file_name: str, product_type: str, hdus: list[Hdu]) -> None:
        super().__init__(file, file_name, product_type)
        small = sum(hdu.data_size for hdu in hdus) <= KEEP_BYTES
        self.tables = [SpectrumTable(hdu, keep=small) for hdu in hdus]
        if any(table.fields.keys() != self.tables[0].fields.keys() for table in self.tables):
            raise RefusedError(f"its {hdus[0].name} tables have different columns")
        if not any(table.lengths.any() for table in self.tables):
            raise RefusedError("no spectrum in it: its tables have no rows, or only absent sources")

    @property
    def science(self) -> Cards:
        """The cards of the first table."""
        return self.tables[0].hdu.cards

    @cached_property
    def _firsts(self) -> Array:
        """The number of the first spectrum of each table, and of all spectra."""
        return np.cumsum([0, *(table.n_spectra for table in self.tables)])

    @property
    def n_spectra(self) -> int:
        """How many extractions the product has; a source absent from an exposure counts."""
        return int(self._firsts[-1])

    @cached_property
    def units(self) -> dict[str, str]:
        """The right units of the columns, by API name."""
        return {
            camel_case(key): right_unit(key, field.unit, self.primary, self.science)
            for key, field in self.tables[0].fields.items()
        }

    @property
    def dispersion(self) -> Axis:
        """A spectrum runs along x."""
        return "x"

    def columns(self, spectrum: int | None = None) -> list[ArrayColumn]:
        """Return the columns, spectra end to end, or those of one spectrum."""
        self.check_spectrum(spectrum)
        columns = [self._column(key, spectrum) for key in self.tables[0].pixel_keys]
        if spectrum is None and self.n_spectra > 1:
            columns.insert(0, self._numbers())
        return columns

    def spectra(self, spectrum: int | None = None) -> list[Entry]:
        """Return what each spectrum is, with the values its row has once (vector tables)."""
        if spectrum is not None:
            table, row = self._find(spectrum)
            rows = table.hdu.rows(row, row + 1) if table.vector else None
            return self._entries(table, spectrum, row, rows)
        return [
            entry
            for table, first in zip(self.tables, self._firsts[:-1], strict=True)
            for start, rows in (table.pieces() if table.vector else [(0, None)])
            for entry in self._entries(table, int(first) + start, start, rows)
        ]

    def row_columns(self) -> list[ArrayColumn]:
        """Return the columns that hold one value a spectrum; `spectra` lists their values."""
        return [self._row_column(key) for key in self.tables[0].row_keys]

    def blocks(self) -> Iterator[Block]:
        """Yield the spectra: some scalar tables of one length, or some rows of a vector table."""
        numbered = zip(self.tables, self._firsts[:-1], strict=True)
        for _, group in groupby(enumerate(numbered), key=self._stack):
            tables = [numbered_table for _, numbered_table in group]
            if tables[0][0].vector:
                yield from self._vector_blocks(tables)
            else:
                yield self._scalar_block([table for table, _ in tables], int(tables[0][1]))

    # Retrieving

    def _find(self, spectrum: int) -> tuple[SpectrumTable, int]:
        """Return the table of a spectrum and its row there."""
        index = int(np.searchsorted(self._firsts, spectrum, side="right")) - 1
        return self.tables[index], spectrum - int(self._firsts[index])

    def _column(self, key: str, spectrum: int | None) -> ArrayColumn:
        tables, row = self.tables, None
        length = sum(int(table.lengths.sum()) for table in tables)
        if spectrum is not None:
            table, row = self._find(spectrum)
            tables, length = [table], int(table.lengths[row])
        field = self.tables[0].fields[key]
        return ArrayColumn(
            dtype=self._dtype_name(key),
            shape=(length,),
            chunks=lambda: (part for table in tables for part in table.pixels(key, row)),
            **self.describe(field.name, field.unit),
        )

    def _numbers(self) -> ArrayColumn:
        lengths = np.concatenate([table.lengths for table in self.tables])
        return ArrayColumn(
            name="spectrum",
            fits_ext=self.tables[0].hdu.name,
            dtype="int32",
            shape=(int(lengths.sum()),),
            chunks=lambda: iter([np.repeat(np.arange(len(lengths), dtype="i4"), lengths)]),
            description="which of `spectra` the pixel belongs to",
        )

    def _row_column(self, key: str) -> ArrayColumn:
        field = self.tables[0].fields[key]
        told = self.describe(field.name, field.unit)
        told["name"] = row_name(key)
        if told["name"] in by_name():
            told["description"] = by_name()[told["name"]].description
        return ArrayColumn(
            dtype=self._dtype_name(key),
            shape=(self.n_spectra,),
            chunks=lambda: iter(()),
            per="spectrum",
            **told,
        )

    def _dtype_name(self, key: str) -> str:
        table = self.tables[0]
        sample = table.hdu.values(table.fields[key], np.zeros(1, table.hdu.row_dtype))
        return dtype_name(sample.dtype)

    # Describing spectra

    @cached_property
    def _times(self) -> dict[int, Entry]:
        return integration_times(self.file)

    def _entries(
        self, table: SpectrumTable, first: int, row: int, rows: Array | None
    ) -> list[Entry]:
        """Return what the spectra in some rows of a table are, or in the whole of a scalar one."""
        known = identity(table.hdu, self.primary)
        if rows is None:
            number = known["integration"]
            told = [self._times.get(number, {}) if isinstance(number, int) else {}]
        else:
            told = list(table.entries(rows))
        return [
            {
                "spectrum": first + i,
                "extension": known["extension"],
                "extensionVersion": known["extensionVersion"],
                "row": row + i if table.vector else None,
                "nPixels": int(table.lengths[row + i]),
            }
            | known
            | entry
            for i, entry in enumerate(told)
        ]

    # Searching

    @staticmethod
    def _stack(numbered: tuple[int, tuple[SpectrumTable, int]]) -> tuple[int, int]:
        """Return what tables that are worked on together have in common."""
        index, (table, _) = numbered
        return (-1, index) if table.vector else (index // STACKED, int(table.lengths[0]))

    def _vector_blocks(self, tables: list[tuple[SpectrumTable, int]]) -> Iterator[Block]:
        for table, first in tables:
            for start, rows in table.pieces():
                arrays = {key: table.grid(key, rows) for key in filter(_searched, table.pixel_keys)}
                entries = self._entries(table, int(first) + start, start, rows)
                inside = table.inside(start, arrays["FLUX"])
                yield _block(int(first) + start, arrays, inside, entries)

    def _scalar_block(self, tables: list[SpectrumTable], first: int) -> Block:
        arrays = {
            key: np.concatenate([t.grid(key, rows) for t in tables for _, rows in t.pieces()])
            for key in filter(_searched, tables[0].pixel_keys)
        }
        entries = [e for i, t in enumerate(tables) for e in self._entries(t, first + i, 0, None)]
        return _block(first, arrays, np.ones(arrays["FLUX"].shape, bool), entries)


def _block(first: int, arrays: dict[str, Array], inside: Array, entries: list[Entry]) -> Block:
    wavelength, flux = arrays["WAVELENGTH"], arrays["FLUX"]
    error = next((arrays[name] for name in _ERRORS if name in arrays), None)
    dq = _flags(arrays.get("DQ"))
    good = good_1d(wavelength, flux, error, dq) & inside
    if "WEIGHT" in arrays:
        good &= arrays["WEIGHT"] > 0
    return Block(
        first=first,
        wavelength=wavelength,
        flux=flux,
        flux_err=np.full(flux.shape, np.nan) if error is None else error,
        inside=inside,
        good=good,
        dq=dq,
        axis="x",
        more=_more(arrays),
        spectra={
            column.name: [entry.get(column.name) for entry in entries]
            for column in columns_of(Table.SPECTRUM)
        },
    )


@cache
def _searched(fits_name: str) -> bool:
    """Tell whether a column is one that pixels are searched by, or their goodness depends on."""
    known = by_fits_name(fits_name)
    names = {column.name for column in columns_of(Table.PIXEL)}
    return fits_name == "WEIGHT" or (known is not None and known.name in names)


def _flags(dq: Array | None) -> Array | None:
    """Return DQ as unsigned integers; survey teams have written it as floats, NaN where masked."""
    if dq is None or dq.dtype.kind != "f":
        return dq
    return np.where(np.isfinite(dq), dq, 1).astype("u4")


def _more(arrays: dict[str, Array]) -> dict[str, Array]:
    """Return the further columns that pixels are searched by."""
    stored = {column.name for column in columns_of(Table.PIXEL)}
    taken = {"wavelength", "flux", "fluxErr", "dq"}
    more = {}
    for fits_name, values in arrays.items():
        known = by_fits_name(fits_name)
        if known and known.name in stored - taken:
            more[known.name] = values
    return more
