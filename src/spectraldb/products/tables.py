"""1-D products: x1d, c1d and x1dints of every pipeline release."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile
from spectraldb.fits.header import Header, Value
from spectraldb.fits.table import TableHdu
from spectraldb.products.array_column import ArrayColumn, dtype_name
from spectraldb.products.block import Axis, Block
from spectraldb.products.product import Product
from spectraldb.products.quality import is_empty
from spectraldb.products.spectrum_metadata import (
    SpectrumMetadata,
    header_metadata,
    integration_times,
    row_column_name,
)
from spectraldb.products.spectrum_table import CACHE_BYTES, SpectrumTable
from spectraldb.products.table_blocks import table_blocks
from spectraldb.products.units import corrected_unit
from spectraldb.schema.array_columns import FITS_NAMES
from spectraldb.schema.columns import by_name, camel_case

ERROR_COLUMNS = tuple(FITS_NAMES[name][0] for name in ("fluxErr", "sbErr", "bkgdErr"))
"""The columns of errors, by the current names of the pipeline."""


class TableProduct(Product):
    """A product whose spectra are in binary tables.

    Not thread-safe, like all products.

    Parameters
    ----------
    file, file_name, product_type
        As in `Product`.
    hdus
        The EXTRACT1D or COMBINE1D tables.

    Raises
    ------
    RefusedError
        If the tables have different columns, or contain no spectrum.
    """

    def __init__(
        self, file: FitsFile, file_name: str, product_type: str, hdus: list[TableHdu]
    ) -> None:
        super().__init__(file, file_name, product_type)
        small = sum(hdu.data_size for hdu in hdus) <= CACHE_BYTES
        self.tables: list[SpectrumTable] = []
        self._n_spectra = 0
        for hdu in hdus:
            table = SpectrumTable(hdu, self._n_spectra, cache_rows=small)
            self.tables.append(table)
            self._n_spectra += table.n_spectra
        if len({table.wavelength_unit for table in self.tables}) > 1:
            raise RefusedError(f"The {hdus[0].name} tables have wavelengths in different units.")
        if any(table.fields.keys() != self.tables[0].fields.keys() for table in self.tables):
            raise RefusedError(f"The {hdus[0].name} tables have different columns.")
        if not any(table.lengths.any() for table in self.tables):
            raise RefusedError(
                "The file contains no spectrum: its tables have no rows, or only absent sources."
            )

    @property
    def science_header(self) -> Header:
        """The header of the first table."""
        return self.tables[0].hdu.header

    @property
    def n_spectra(self) -> int:
        """Number of extractions, including sources that are absent from an exposure."""
        return self._n_spectra

    @cached_property
    def units(self) -> dict[str, str]:
        """The correct units of the columns, by API name."""
        return {
            camel_case(key): corrected_unit(
                key, field.unit, self.primary_header, self.science_header
            )
            # Reversed, so that the first of several columns with the same meaning counts.
            for key, field in reversed(self.tables[0].fields.items())
        }

    @property
    def dispersion(self) -> Axis:
        """The dispersion axis, which is always x."""
        return "x"

    def blocks(self) -> Iterator[Block]:
        """Yield blocks of several scalar tables of equal length, or of rows of a vector table."""
        return table_blocks(self.tables, self._table_metadata, self._absent_errors)

    @cached_property
    def _absent_errors(self) -> frozenset[str]:
        """The columns of errors that are 0 or NaN in all spectra, and so count as absent."""
        present = self.tables[0].pixel_keys
        return frozenset(
            key
            for key in ERROR_COLUMNS
            if key in present
            and is_empty(part for table in self.tables for part in table.pixels(key))
        )

    # Columns

    def columns(self, spectrum: int | None = None) -> list[ArrayColumn]:
        """Return the pixel columns of all spectra, concatenated, or of one spectrum."""
        self.check_spectrum(spectrum)
        columns = [self._column(key, spectrum) for key in self.tables[0].pixel_keys]
        if spectrum is None and self.n_spectra > 1:
            columns.insert(0, self._spectrum_numbers())
        return columns

    def row_columns(self) -> list[ArrayColumn]:
        """Return the columns with one value per spectrum; the values are in `spectra`."""
        return [self._row_column(key) for key in self.tables[0].row_keys]

    def _find(self, spectrum: int) -> tuple[SpectrumTable, int]:
        """Return the table of a spectrum and its row in the table."""
        index = bisect_right(self.tables, spectrum, key=lambda table: table.first) - 1
        table = self.tables[index]
        return table, spectrum - table.first

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

    def _spectrum_numbers(self) -> ArrayColumn:
        lengths = np.concatenate([table.lengths for table in self.tables])
        return ArrayColumn(
            name="spectrum",
            fits_ext=self.tables[0].hdu.name,
            dtype="int32",
            shape=(int(lengths.sum()),),
            chunks=lambda: iter([np.repeat(np.arange(len(lengths), dtype="i4"), lengths)]),
            description="index of the spectrum of the pixel, as in `spectra`",
        )

    def _row_column(self, key: str) -> ArrayColumn:
        field = self.tables[0].fields[key]
        description = self.describe(field.name, field.unit)
        description["name"] = row_column_name(key)
        if description["name"] in by_name():
            description["description"] = by_name()[description["name"]].description
        return ArrayColumn(
            dtype=self._dtype_name(key),
            shape=(self.n_spectra,),
            chunks=lambda: iter(()),
            per="spectrum",
            **description,
        )

    def _dtype_name(self, key: str) -> str:
        table = self.tables[0]
        sample = table.hdu.values(table.fields[key], np.zeros(1, table.hdu.row_dtype))
        return dtype_name(sample.dtype)

    # Metadata

    def spectra(self, spectrum: int | None = None) -> list[SpectrumMetadata]:
        """Return the metadata of all spectra or of one, with the row columns of vector tables."""
        if spectrum is not None:
            table, row = self._find(spectrum)
            rows = table.hdu.rows(row, row + 1) if table.is_vector else None
            return self._table_metadata(table, row, rows)
        return [
            metadata
            for table in self.tables
            for start, rows in (table.row_chunks() if table.is_vector else [(0, None)])
            for metadata in self._table_metadata(table, start, rows)
        ]

    @cached_property
    def _integrations(self) -> dict[int, int]:
        """Numbers of the integrations, by spectrum, in a time series without INT_NUM.

        Each table of an order (and detector) is the next integration.
        """
        seen: Counter[tuple[Value, Value]] = Counter()
        numbers: dict[int, int] = {}
        if self.product_type != "x1dints":
            return numbers
        for table in self.tables:
            header = table.hdu.header
            order = header.get("SPORDER"), header.get("DETECTOR")
            seen[order] += 1
            numbers[table.first] = seen[order]
        return numbers

    @cached_property
    def _times(self) -> dict[int, SpectrumMetadata]:
        return integration_times(self.file)

    def _table_metadata(
        self, table: SpectrumTable, start: int, rows: Array | None
    ) -> list[SpectrumMetadata]:
        """Return the metadata of the spectra in rows of a vector table, or in a scalar table."""
        common = header_metadata(
            table.hdu, self.primary_header, time_series=self.product_type == "x1dints"
        )
        if rows is None:
            integration = common["integration"]
            if integration is None:
                integration = common["integration"] = self._integrations.get(table.first)
            own = [self._times.get(integration, {}) if isinstance(integration, int) else {}]
        else:
            own = list(table.row_metadata(rows))
        return [
            {
                "spectrum": table.first + start + i,
                "extension": common["extension"],
                "extensionVersion": common["extensionVersion"],
                "row": start + i if table.is_vector else None,
                "nPixels": int(table.lengths[start + i]),
            }
            | common
            | metadata
            for i, metadata in enumerate(own)
        ]
