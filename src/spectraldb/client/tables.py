"""Conversion of Arrow tables to astropy tables with units, descriptions and masks."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.schema.columns import UNIT_COLUMNS


def with_flux_units(rows: pa.Table, requested: Collection[str]) -> pa.Table:
    """Return pixels with the units of their fluxes, which depend on the product.

    A column of units is dropped if all rows have the same unit and the user did not request it.

    Parameters
    ----------
    rows
        Pixels, with all columns of units.
    requested
        Names of the columns that the user requested.
    """
    for unit_column in dict.fromkeys(UNIT_COLUMNS.values()):
        units = pc.unique(rows[unit_column]).to_pylist()
        measured = [
            n for n, of in UNIT_COLUMNS.items() if of == unit_column and n in rows.schema.names
        ]
        if len(units) == 1 and units[0]:
            for name in measured:
                rows = _set_unit(rows, name, units[0])
        if unit_column not in requested and (len(units) < 2 or not measured):
            rows = rows.drop_columns([unit_column])
    return rows


def _set_unit(rows: pa.Table, name: str, unit: str) -> pa.Table:
    index = rows.schema.get_field_index(name)
    field = rows.schema.field(index)
    metadata = {**(field.metadata or {}), b"unit": unit.encode()}
    return rows.set_column(index, field.with_metadata(metadata), rows[name])


def astropy_table(rows: pa.Table, table_class: Any) -> Any:
    """Return rows as an astropy table.

    Parameters
    ----------
    rows
        The rows, with the unit and the description of each field in its metadata.
    table_class
        `astropy.table.QTable`, whose columns with units are quantities, or `Table`.

    Returns
    -------
    astropy.table.Table
        An instance of that class. Missing values are masked; `meta` has the version of the lake
        and the query.
    """
    table = table_class()
    for field in rows.schema:
        metadata = {k.decode(): v.decode() for k, v in (field.metadata or {}).items()}
        values = rows[field.name].combine_chunks()
        table[field.name] = _column(values, metadata.get("unit", ""), table_class)
        table[field.name].info.description = metadata.get("description")
    for key, value in (rows.schema.metadata or {}).items():
        table.meta[key.decode().removeprefix("spectraldb.")] = value.decode()
    return table


def _column(values: pa.Array, unit_text: str, table_class: Any) -> Any:
    from astropy.table import Column, MaskedColumn, QTable
    from astropy.units import Quantity, Unit
    from astropy.utils.masked import Masked

    array, mask = _to_numpy(values)
    unit = Unit(unit_text, parse_strict="silent") if unit_text else None
    if unit is not None and issubclass(table_class, QTable) and array.dtype.kind == "f":
        return Quantity(array if mask is None else Masked(array, mask), unit, copy=False)
    if mask is None:
        return Column(array, unit=unit)
    return MaskedColumn(array, mask=mask, unit=unit)


def _to_numpy(values: pa.Array) -> tuple[Any, Any]:
    """Return a numpy array, and the mask of its missing values or None if there are none."""
    mask = values.is_null().to_numpy(zero_copy_only=False) if values.null_count else None
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return np.array(pc.fill_null(values, "").to_pylist(), dtype=str), mask
    if mask is not None:
        filler = float("nan") if pa.types.is_floating(values.type) else 0
        filler = False if pa.types.is_boolean(values.type) else filler
        values = pc.fill_null(values, pa.scalar(filler, values.type))
    return values.to_numpy(zero_copy_only=False), mask
