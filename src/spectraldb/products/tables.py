"""1-D products: x1d, c1d and x1dints, of every release.

Two layouts: a scalar table is one spectrum, a row a wavelength; a vector table (jwst 1.19.0 and
later, time series and slitless spectra) holds a spectrum in each row, padded to the longest, whose
true length N_ALONGDISP says.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from spectraldb.errors import RefusedError
from spectraldb.products.cards import Cards
from spectraldb.products.fitsfile import Array, Field, FitsFile, Hdu
from spectraldb.products.good import good_1d
from spectraldb.products.identity import Extent, identity, integration_times, row_name
from spectraldb.products.model import ArrayColumn, Block, Product, dtype_name
from spectraldb.products.padding import inside as padded_inside
from spectraldb.products.padding import lengths
from spectraldb.products.position import is_position
from spectraldb.products.units import right_unit
from spectraldb.vocabulary import Table, by_name, camel_case, columns_of, described

CHUNK_BYTES = 64 * 2**20
"""How much of a table is read at once; slitless and time-series tables can be of many GB."""

_ERRORS = ("FLUX_ERROR", "ERROR")


class TableProduct(Product):
    """A product whose spectra are binary tables."""

    def __init__(
        self, file: FitsFile, file_name: str, product_type: str, tables: list[Hdu]
    ) -> None:
        super().__init__(file, file_name, product_type)
        self.tables = tables
        self._rows: dict[int, Array] = {}
        _check_tables(tables)
        if not any(extent.length for extent in self.extents):
            raise RefusedError("no spectrum in it: its tables have no rows, or only absent sources")

    @property
    def science(self) -> Cards:
        """The cards of the first table."""
        return self.tables[0].cards

    @cached_property
    def vector(self) -> bool:
        """Whether a row is a spectrum, not a wavelength."""
        return bool(self.tables[0].row_dtype["WAVELENGTH"].shape)

    @cached_property
    def extents(self) -> list[Extent]:
        """Where each spectrum is, in the order of the file."""
        return [extent for hdu in self.tables for extent in self._extents(hdu)]

    @property
    def n_spectra(self) -> int:
        """How many extractions the product has; a source absent from an exposure counts."""
        return len(self.extents)

    @cached_property
    def units(self) -> dict[str, str]:
        """The right units of the columns, by API name."""
        return {
            camel_case(f.name): right_unit(f.name, f.unit, self.primary, self.science)
            for f in self.tables[0].fields
        }

    def columns(self, spectrum: int | None = None) -> list[ArrayColumn]:
        """Return the columns, spectra end to end, or those of one spectrum."""
        self.check_spectrum(spectrum)
        extents = self.extents if spectrum is None else [self.extents[spectrum]]
        columns = [self._column(field, extents) for field in self._pixel_fields]
        if spectrum is None and self.n_spectra > 1:
            columns.insert(0, self._numbers(extents))
        return columns

    def spectra(self) -> list[dict[str, object]]:
        """Return what each spectrum is, with the values its row has once (vector tables)."""
        return [
            {**identity(k, extent, self.primary), **extra}
            for k, (extent, extra) in enumerate(zip(self.extents, self._extras(), strict=True))
        ]

    def row_columns(self) -> list[ArrayColumn]:
        """Return the columns that hold one value a spectrum; `spectra` lists their values."""
        return [
            self._describe_row(field) for field in self.tables[0].fields if self._is_scalar(field)
        ]

    def blocks(self) -> Iterator[Block]:
        """Yield the spectra: a scalar table each, or some rows of a vector table together."""
        first = 0
        for hdu in self.tables:
            for start, rows in self._pieces(hdu):
                block = self._block(hdu, first, start, rows)
                first += block.flux.shape[0]
                yield block

    # Reading

    def _extents(self, hdu: Hdu) -> Iterator[Extent]:
        if not self.vector:
            yield Extent(hdu, None, hdu.n_rows)
            return
        row = 0
        for _, rows in self._pieces(hdu):
            for length in lengths(hdu, rows):
                yield Extent(hdu, row, int(length))
                row += 1

    def _pieces(self, hdu: Hdu) -> Iterator[tuple[int, Array]]:
        """Yield ranges of rows with the number of the first; a scalar table is one piece."""
        step = max(1, CHUNK_BYTES // max(1, hdu.row_dtype.itemsize)) if self.vector else hdu.n_rows
        for start in range(0, hdu.n_rows, max(1, step)):
            yield start, self._read(hdu, start, start + step)

    def _read(self, hdu: Hdu, start: int, stop: int) -> Array:
        """Read rows; a table that fits in one piece is read once and kept."""
        if start > 0 or stop < hdu.n_rows:
            return hdu.rows(start, stop)
        if hdu.offset not in self._rows:
            self._rows = {hdu.offset: hdu.rows()}
        return self._rows[hdu.offset]

    # Retrieving

    @cached_property
    def _pixel_fields(self) -> list[Field]:
        return [field for field in self.tables[0].fields if not self._is_scalar(field)]

    def _is_scalar(self, field: Field) -> bool:
        return self.vector and not self.tables[0].row_dtype[field.name].shape

    def _column(self, field: Field, extents: list[Extent]) -> ArrayColumn:
        hdu = self.tables[0]
        sample = hdu.values(field, np.zeros(1, hdu.row_dtype))
        return ArrayColumn(
            dtype=dtype_name(sample.dtype),
            shape=(sum(extent.length for extent in extents),),
            chunks=lambda: self._values(field.name, extents),
            **self.describe(field.name, field.unit),
        )

    def _values(self, name: str, extents: list[Extent]) -> Iterator[Array]:
        """Yield the values of a column, spectrum after spectrum."""
        wanted = {(extent.hdu.offset, extent.row) for extent in extents}
        for hdu in self.tables:
            if not any(offset == hdu.offset for offset, _ in wanted):
                continue
            field = next(f for f in hdu.fields if f.name == name)
            for start, rows in self._pieces(hdu):
                values = hdu.values(field, rows)
                if not self.vector:
                    yield values
                    continue
                inside = padded_inside(hdu, rows)
                keep = [(hdu.offset, start + i) in wanted for i in range(len(rows))]
                yield values[keep][inside[keep]]

    @staticmethod
    def _numbers(extents: list[Extent]) -> ArrayColumn:
        lengths = [extent.length for extent in extents]
        return ArrayColumn(
            name="spectrum",
            fits_ext="EXTRACT1D" if extents[0].hdu.name != "COMBINE1D" else "COMBINE1D",
            dtype="int32",
            shape=(sum(lengths),),
            chunks=lambda: iter([np.repeat(np.arange(len(lengths), dtype="i4"), lengths)]),
            description="which of `spectra` the pixel belongs to",
        )

    def _describe_row(self, field: Field) -> ArrayColumn:
        hdu = self.tables[0]
        sample = hdu.values(field, np.zeros(1, hdu.row_dtype))
        described_as = self.describe(field.name, field.unit)
        name = row_name(field.name)
        described_as["name"] = name
        if name in by_name():
            described_as["description"] = by_name()[name].description
        return ArrayColumn(
            dtype=dtype_name(sample.dtype),
            shape=(self.n_spectra,),
            chunks=lambda: iter(()),
            per="spectrum",
            **described_as,
        )

    # Describing spectra

    def _extras(self) -> Iterator[dict[str, object]]:
        """Yield what each row of a vector table, or of INT_TIMES, says of its spectrum."""
        if not self.vector:
            times = integration_times(self.file)
            for extent in self.extents:
                number = extent.hdu.cards.get("INT_NUM")
                yield times.get(number, {}) if isinstance(number, int) else {}
            return
        for hdu in self.tables:
            for _, rows in self._pieces(hdu):
                yield from self._row_values(hdu, rows)

    def _row_values(self, hdu: Hdu, rows: Array) -> Iterator[dict[str, object]]:
        fields = [field for field in hdu.fields if self._is_scalar(field)]
        names = [row_name(f.name) for f in fields]
        columns = [hdu.values(field, rows).tolist() for field in fields]
        for values in zip(*columns, strict=True):
            entry: dict[str, object] = dict(zip(names, values, strict=True))
            ra, dec = entry.get("sourceRa"), entry.get("sourceDec")
            if is_position(ra, dec):
                entry |= {"ra": ra, "dec": dec, "positionFrom": "source"}
            yield entry

    # Searching

    def _block(self, hdu: Hdu, first: int, start: int, rows: Array) -> Block:
        arrays = self._arrays(hdu, rows)
        wavelength, flux = arrays["WAVELENGTH"], arrays["FLUX"]
        error = next((arrays[name] for name in _ERRORS if name in arrays), None)
        dq = _flags(arrays.get("DQ"))
        inside = padded_inside(hdu, rows) if self.vector else np.ones(flux.shape, bool)
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
            spectra=self._block_spectra(hdu, first, start, rows),
        )

    def _arrays(self, hdu: Hdu, rows: Array) -> dict[str, Array]:
        """Return the pixel columns, shape (spectra, pixels)."""
        values = {f.name: hdu.values(f, rows) for f in hdu.fields if not self._is_scalar(f)}
        return values if self.vector else {name: v[np.newaxis] for name, v in values.items()}

    def _block_spectra(self, hdu: Hdu, first: int, start: int, rows: Array) -> dict[str, object]:
        row = start if self.vector else None
        known = identity(first, Extent(hdu, row, 0), self.primary)
        names = {column.name for column in columns_of(Table.SPECTRUM)} - {"spectrum", "nPixels"}
        if not self.vector:
            return {name: value for name, value in known.items() if name in names}
        entries = [known | entry for entry in self._row_values(hdu, rows)]
        return {name: [e.get(name) for e in entries] for name in known if name in names}


def _check_tables(tables: list[Hdu]) -> None:
    for hdu in tables:
        names = {field.name for field in hdu.fields}
        missing = {"WAVELENGTH", "FLUX"} - names
        if missing:
            raise RefusedError(
                f"table {hdu.name or 1} has no column {' or '.join(sorted(missing))}"
            )
        if names != {field.name for field in tables[0].fields}:
            raise RefusedError(f"its {hdu.name} tables have different columns")


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
        known = described(fits_name)
        if known and known.name in stored - taken:
            more[known.name] = values
    return more
