"""Blocks of spectra from the tables of 1-D products."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby

import numpy as np

from spectraldb.arrays import Array
from spectraldb.products.block import Block
from spectraldb.products.quality import good_1d, integer_flags
from spectraldb.products.spectrum_metadata import SpectrumMetadata
from spectraldb.products.spectrum_table import SpectrumTable
from spectraldb.schema.columns import by_fits_name, columns_of
from spectraldb.schema.tables import Table
from spectraldb.units import known_wavelengths, to_micron

STACKED_TABLES = 256
"""Number of scalar tables of equal length per block; old time series have thousands."""

ReadMetadata = Callable[[SpectrumTable, int, Array | None], list[SpectrumMetadata]]


def table_blocks(
    tables: list[SpectrumTable], metadata: ReadMetadata, absent: frozenset[str]
) -> Iterator[Block]:
    """Yield the spectra of tables in order.

    A block contains several scalar tables of equal length, or a chunk of a vector table.

    Parameters
    ----------
    tables
        Tables with the same columns, in order.
    metadata
        Function that returns the metadata of spectra of a table.  Its arguments are the table, the
        index of the first row and the rows; for a scalar table, the latter are 0 and None.
    absent
        Columns of errors that count as absent, because they are 0 or NaN throughout.
    """
    for (is_vector, *_), group in groupby(enumerate(tables), key=_stack_key):
        stack = [table for _, table in group]
        if is_vector:
            yield from _vector_blocks(stack[0], metadata, absent)
        else:
            yield _stacked_block(stack, metadata, absent)


def _stack_key(numbered: tuple[int, SpectrumTable]) -> tuple[bool, int, int]:
    """Return the key by which tables are grouped into blocks."""
    index, table = numbered
    if table.is_vector:
        return True, index, 0
    return False, index // STACKED_TABLES, int(table.lengths[0])


def _vector_blocks(
    table: SpectrumTable, metadata: ReadMetadata, absent: frozenset[str]
) -> Iterator[Block]:
    for start, rows in table.row_chunks():
        arrays = {key: table.pixel_grid(key, rows) for key in _search_keys(table, absent)}
        inside = table.inside(start, arrays["FLUX"])
        _convert_wavelengths(arrays, table)
        yield _block(table.first + start, arrays, inside, metadata(table, start, rows))


def _stacked_block(
    tables: list[SpectrumTable], metadata: ReadMetadata, absent: frozenset[str]
) -> Block:
    arrays = {
        key: np.concatenate([t.pixel_grid(key, rows) for t in tables for _, rows in t.row_chunks()])
        for key in _search_keys(tables[0], absent)
    }
    _convert_wavelengths(arrays, tables[0])
    spectra = [each for table in tables for each in metadata(table, 0, None)]
    return _block(tables[0].first, arrays, np.ones(arrays["FLUX"].shape, bool), spectra)


def _convert_wavelengths(arrays: dict[str, Array], table: SpectrumTable) -> None:
    """Replace the wavelengths of the file by those in micron, with NaN for those that are none."""
    wavelength = to_micron(arrays["WAVELENGTH"], table.wavelength_unit)
    arrays["WAVELENGTH"] = known_wavelengths(wavelength)


def _block(
    first: int, arrays: dict[str, Array], inside: Array, spectra: list[SpectrumMetadata]
) -> Block:
    wavelength, flux = arrays["WAVELENGTH"], arrays["FLUX"]
    error = arrays.get("FLUX_ERROR")
    dq = integer_flags(arrays.get("DQ"))
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
        extra=_extra_columns(arrays),
        spectra={
            column.name: [spectrum.get(column.name) for spectrum in spectra]
            for column in columns_of(Table.SPECTRUM)
        },
    )


def _search_keys(table: SpectrumTable, absent: frozenset[str]) -> list[str]:
    """Return the columns that are searchable, or that determine the good pixels."""
    return [
        key
        for key in table.pixel_keys
        if key not in absent and (key == "WEIGHT" or _pixel_column(key))
    ]


@cache
def _pixel_column(fits_name: str) -> str | None:
    """Return the column of SpectralPixel for the current name of a FITS column, or None."""
    column = by_fits_name(fits_name)
    is_current = column is not None and fits_name == column.fits[0]
    return column.name if column and is_current and column.table is Table.PIXEL else None


def _extra_columns(arrays: dict[str, Array]) -> dict[str, Array]:
    """Return the searchable columns that are not fields of a block, by API name."""
    named = ((_pixel_column(fits_name), values) for fits_name, values in arrays.items())
    fields = {"wavelength", "flux", "fluxErr", "dq"}
    return {name: values for name, values in named if name and name not in fields}
