"""Positions from a table or a SkyCoord."""

from typing import Any

import numpy as np

from spectraldb.errors import BadQueryError

COLUMN_NAMES = (
    ("ra", "dec"),
    ("_RAJ2000", "_DEJ2000"),
    ("s_ra", "s_dec"),
    ("ALPHA_J2000", "DELTA_J2000"),
)
"""Names of columns of positions, also in VizieR, ObsCore and SExtractor; case-insensitive."""


def read_positions(table: Any, ra: str | None, dec: str | None) -> tuple[list[Any], list[Any]]:
    """Return the right ascensions and declinations in a table.

    Parameters
    ----------
    table
        A SkyCoord, or an astropy or pandas table with a SkyCoord or with two columns.
    ra, dec
        Names of the columns; None to find the columns of `COLUMN_NAMES`.

    Returns
    -------
    tuple of lists
        In degrees (ICRS), with None for rows without a position.

    Raises
    ------
    BadQueryError
        If the table has no such columns.
    """
    if hasattr(table, "icrs"):
        return _to_list(table.icrs.ra.deg), _to_list(table.icrs.dec.deg)
    names = list(table.colnames if hasattr(table, "colnames") else getattr(table, "columns", ()))
    if ra is None and dec is None:
        for name in names:
            if hasattr(table[name], "icrs"):
                return read_positions(table[name], None, None)
        ra, dec = _find_columns(names)
    for name in (ra, dec):
        if name not in names:
            raise BadQueryError(f"table: No column {name!r}. Columns: {', '.join(names)}.")
    return _degrees(table[ra]), _degrees(table[dec])


def _find_columns(names: list[str]) -> tuple[str, str]:
    by_lower = {name.lower(): name for name in names}
    for ra, dec in COLUMN_NAMES:
        if ra.lower() in by_lower and dec.lower() in by_lower:
            return by_lower[ra.lower()], by_lower[dec.lower()]
    raise BadQueryError(
        "table: No columns ra and dec. Specify their names, as in ra='RAdeg', dec='DEdeg', "
        "or pass a SkyCoord."
    )


def _degrees(column: Any) -> list[Any]:
    unit = getattr(column, "unit", None)
    if unit is not None:
        from astropy.units import Quantity, deg

        values = column if isinstance(column, Quantity) else getattr(column, "quantity", column)
        return _to_list(Quantity(values).to_value(deg) if unit != deg else column)
    return _to_list(column)


def _to_list(values: Any) -> list[Any]:
    """Return numbers as a list, with None for those that are masked or not finite."""
    mask = getattr(values, "mask", False)
    mask = np.atleast_1d(np.asarray(False if callable(mask) else mask))  # a method in pandas
    array = np.atleast_1d(np.asarray(getattr(values, "unmasked", values), "f8"))
    mask = np.broadcast_to(mask, array.shape) | ~np.isfinite(array)
    return [None if absent else value for value, absent in zip(array.tolist(), mask, strict=True)]
