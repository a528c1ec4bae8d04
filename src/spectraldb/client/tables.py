"""Arrow tables as astropy tables, with units, descriptions and masks."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.schema.columns import UNIT_COLUMNS


def settled(rows: pa.Table, asked: Collection[str]) -> pa.Table:
    """Return pixels with the units of their fluxes, where each product has its own.

    A column of units goes where all rows have the same and it was not asked for; where they
    differ it stays.
    """
    for unit_column in dict.fromkeys(UNIT_COLUMNS.values()):
        units = pc.unique(rows[unit_column]).to_pylist()
        measured = [
            n for n, of in UNIT_COLUMNS.items() if of == unit_column and n in rows.schema.names
        ]
        if len(units) == 1 and units[0]:
            for name in measured:
                rows = _in_unit(rows, name, units[0])
        if unit_column not in asked and (len(units) < 2 or not measured):
            rows = rows.drop_columns([unit_column])
    return rows


def _in_unit(rows: pa.Table, name: str, unit: str) -> pa.Table:
    place = rows.schema.get_field_index(name)
    field = rows.schema.field(place)
    told = {**(field.metadata or {}), b"unit": unit.encode()}
    return rows.set_column(place, field.with_metadata(told), rows[name])


def astropy_table(rows: pa.Table, kind: Any) -> Any:
    """Return rows as an astropy table.

    Parameters
    ----------
    rows
        The rows; fields have unit and description as metadata, as the API sends them.
    kind
        `astropy.table.QTable`, whose columns with units are quantities, or `Table`.

    Returns
    -------
    astropy.table.Table
        Of that kind; what has no value is masked. `meta` has version and query of the lake.
    """
    table = kind()
    for field in rows.schema:
        told = {k.decode(): v.decode() for k, v in (field.metadata or {}).items()}
        table[field.name] = _column(rows[field.name].combine_chunks(), told.get("unit", ""), kind)
        table[field.name].info.description = told.get("description")
    for key, value in (rows.schema.metadata or {}).items():
        table.meta[key.decode().removeprefix("spectraldb.")] = value.decode()
    return table


def _column(values: pa.Array, unit: str, kind: Any) -> Any:
    from astropy.table import Column, MaskedColumn, QTable
    from astropy.units import Quantity, Unit
    from astropy.utils.masked import Masked

    array, mask = plain(values)
    measure = Unit(unit, parse_strict="silent") if unit else None
    if measure is not None and issubclass(kind, QTable) and array.dtype.kind == "f":
        return Quantity(array if mask is None else Masked(array, mask), measure, copy=False)
    if mask is None:
        return Column(array, unit=measure)
    return MaskedColumn(array, mask=mask, unit=measure)


def plain(values: pa.Array) -> tuple[Any, Any]:
    """Return a numpy array, and where it has no value; None if it has one everywhere."""
    mask = values.is_null().to_numpy(zero_copy_only=False) if values.null_count else None
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return np.array(pc.fill_null(values, "").to_pylist(), dtype=str), mask
    if mask is not None:
        empty = float("nan") if pa.types.is_floating(values.type) else 0
        empty = False if pa.types.is_boolean(values.type) else empty
        values = pc.fill_null(values, pa.scalar(empty, values.type))
    return values.to_numpy(zero_copy_only=False), mask
