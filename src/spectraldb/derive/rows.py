"""Rows of the three tables, as Arrow tables, from an open product."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.derive.characteristics import characteristics
from spectraldb.derive.ranges import ranges
from spectraldb.products.block import Block
from spectraldb.products.product import Product
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.column import Column
from spectraldb.schema.columns import columns_of
from spectraldb.schema.tables import Table

Values = dict[str, Any]
"""Columns by name: an array, a list, or one value for all rows."""


@dataclass(frozen=True)
class Rows:
    """Rows of the spectra and pixels of one block."""

    spectra: pa.Table
    pixels: pa.Table


class Totals:
    """Counts and ranges of a product, accumulated block by block.

    Not thread-safe.
    """

    def __init__(self) -> None:
        self.stored = 0
        self.wavelength_min = np.inf
        self.wavelength_max = -np.inf

    def add(self, wavelength: Array) -> None:
        """Add the wavelengths of stored pixels, in micron."""
        self.stored += wavelength.size
        finite = wavelength[np.isfinite(wavelength)]
        if finite.size:
            self.wavelength_min = min(self.wavelength_min, float(finite.min()))
            self.wavelength_max = max(self.wavelength_max, float(finite.max()))


def tabulate(product: Product, product_id: int, totals: Totals) -> Iterator[Rows]:
    """Yield the rows of the spectra and pixels of a product, block by block.

    Parameters
    ----------
    product
        An open product.
    product_id
        Identifier of the product in the lake.
    totals
        Accumulator, to which each block is added.
    """
    for block in product.blocks():
        stored = block.stored
        counts = np.count_nonzero(stored, axis=1)
        pixels = _pixel_values(block, stored, counts)
        totals.add(pixels["wavelength"])
        derived = characteristics(block) | ranges(pixels, counts)
        yield Rows(
            _spectrum_rows(block, product_id, derived),
            _table(Table.PIXEL, pixels | {"productId": product_id}, len(pixels["pixel"])),
        )


def product_row(product: Product, known: dict[str, object], totals: Totals) -> dict[str, object]:
    """Return the row of DataProduct.

    Parameters
    ----------
    product
        An open product, whose headers supply values.
    known
        Values of other columns, such as the properties of the file.
    totals
        Counts and ranges over all blocks.
    """
    row = {
        column.name: _typed(column, product.keyword(*column.fits))
        for column in columns_of(Table.PRODUCT)
        if column.fits
    }
    has_range = totals.wavelength_min <= totals.wavelength_max
    return (
        row
        | {
            "fileName": product.file_name,
            "productType": product.product_type,
            "layout": product.layout,
            "level": product.level,
            "fluxUnit": product.units.get("flux") or None,
            "surfBrightUnit": product.units.get("surfBright") or None,
            "pixelArea": product.pixel_area and product.pixel_area.steradian,
            "productWavelengthMin": totals.wavelength_min if has_range else None,
            "productWavelengthMax": totals.wavelength_max if has_range else None,
            "nSpectra": product.n_spectra,
            "nStored": totals.stored,
        }
        | known
    )


def _typed(column: Column, value: object) -> object:
    """Convert a header value to the type of a column; None if its type does not fit."""
    if value is None:
        return None
    if column.dtype == "string":
        whole = isinstance(value, float) and value.is_integer()
        text = str(int(value) if whole else value).strip()  # type: ignore[call-overload]
        return text.zfill(column.digits) if text.isdigit() else text
    if not isinstance(value, int | float) or isinstance(value, bool) or math.isnan(value):
        return None
    if column.dtype != "float":
        return int(value)
    # Before jwst 3.0.0, right ascensions could be below 0.
    return float(value) % 360.0 if column.ucd.startswith("pos.eq.ra") else float(value)


def _spectrum_rows(block: Block, product_id: int, derived: Values) -> pa.Table:
    values: Values = {
        column.name: _typed_metadata(column, block.spectra.get(column.name))
        for column in columns_of(Table.SPECTRUM)
    }
    values |= derived | {"spectrum": block.numbers, "productId": product_id}
    return _table(Table.SPECTRUM, values, len(block.flux))


def _typed_metadata(column: Column, value: object) -> object:
    """Convert metadata of spectra, one value or one per spectrum, to the type of a column."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, list):
        return [_typed(column, each) for each in value]
    return _typed(column, value)


def _table(table: Table, values: Values, n: int) -> pa.Table:
    schema = SCHEMAS[table]
    return pa.table([_column(values.get(f.name), f.type, n) for f in schema], schema=schema)


def _column(value: object, dtype: pa.DataType, n: int) -> pa.Array:
    """Return a column of n rows from one value or n values; NaN becomes null."""
    if isinstance(value, list):
        return pa.array(value, dtype, from_pandas=True)
    if isinstance(value, np.ndarray):
        return _from_numpy(value, dtype)
    if isinstance(value, pa.Array):
        return value.cast(dtype)
    return pa.repeat(pa.scalar(value, dtype), n)


def _from_numpy(values: Array, dtype: pa.DataType) -> pa.Array:
    if values.dtype.kind == "O":
        return pa.array(values, dtype, from_pandas=True)
    if values.dtype.kind != "f":
        return pa.array(values).cast(dtype)
    # from_pandas=True also detects NaN, but is ten times slower.
    missing = np.isnan(values)
    return pa.array(values, mask=missing if missing.any() else None).cast(dtype)


def _pixel_values(block: Block, stored: Array, counts: Array) -> Values:
    """Return the columns of the stored pixels, ordered by spectrum.

    Parameters
    ----------
    block
        The spectra.
    stored
        Mask of the stored pixels, shape (spectra, pixels).
    counts
        Number of stored pixels of each spectrum, shape (spectra,).

    Returns
    -------
    dict
        Arrays by API name, shape (stored pixels,); None for columns that the product does not
        have.
    """
    # Indices are 32-bit, as in the lake, and made with np.repeat: np.nonzero would take longer
    # than everything else in this function.
    n = stored.shape[1]
    pixel = np.broadcast_to(np.arange(n, dtype="i4"), stored.shape)[stored]
    axes = {"x": block.x, "y": block.y, "z": None}
    values: Values = {
        name: None if array is None else np.repeat(array.astype("i4"), counts)
        for name, array in axes.items()
    }
    return values | {
        "spectrum": np.repeat(block.numbers, counts),
        "pixel": pixel,
        block.axis: pixel,
        "wavelength": np.broadcast_to(block.wavelength, stored.shape)[stored],
        "flux": block.flux[stored],
        "fluxErr": block.flux_err[stored],
        "dq": None if block.dq is None else block.dq[stored],
        "good": block.good[stored],
        **{name: array[stored] for name, array in block.extra.items()},
    }
