"""Positions, out of whatever holds them."""

from typing import Any

import numpy as np

from spectraldb.errors import BadQueryError

NAMES = (("ra", "dec"), ("_RAJ2000", "_DEJ2000"), ("s_ra", "s_dec"), ("ALPHA_J2000", "DELTA_J2000"))
"""Columns that are looked for, whatever their case; those of VizieR, ObsCore, SExtractor too."""


def degrees(table: Any, ra: str | None, dec: str | None) -> tuple[list[Any], list[Any]]:
    """Return right ascensions and declinations (ICRS) in degrees; None where there is none.

    Raises
    ------
    BadQueryError
        If the table has no positions that can be found.
    """
    if hasattr(table, "icrs"):
        return _plain(table.icrs.ra.deg), _plain(table.icrs.dec.deg)
    names = list(table.colnames if hasattr(table, "colnames") else getattr(table, "columns", ()))
    if ra is None and dec is None:
        for name in names:
            if hasattr(table[name], "icrs"):
                return degrees(table[name], None, None)
        ra, dec = _found(names)
    for name in (ra, dec):
        if name not in names:
            raise BadQueryError(f"the table has no column {name!r}; it has {', '.join(names)}")
    return _numbers(table[ra]), _numbers(table[dec])


def _found(names: list[str]) -> tuple[str, str]:
    known = {name.lower(): name for name in names}
    for ra, dec in NAMES:
        if ra.lower() in known and dec.lower() in known:
            return known[ra.lower()], known[dec.lower()]
    raise BadQueryError(
        "the table has no columns ra and dec: say which they are, as in ra='RAdeg', dec='DEdeg', "
        "or give a SkyCoord"
    )


def _numbers(column: Any) -> list[Any]:
    unit = getattr(column, "unit", None)
    if unit is not None:
        from astropy.units import Quantity, deg

        values = column if isinstance(column, Quantity) else getattr(column, "quantity", column)
        return _plain(Quantity(values).to_value(deg) if unit != deg else column)
    return _plain(column)


def _plain(values: Any) -> list[Any]:
    mask = getattr(values, "mask", False)
    mask = np.atleast_1d(np.asarray(False if callable(mask) else mask))  # pandas has a method
    array = np.atleast_1d(np.asarray(getattr(values, "unmasked", values), "f8"))
    mask = np.broadcast_to(mask, array.shape) | ~np.isfinite(array)
    return [None if absent else value for value, absent in zip(array.tolist(), mask, strict=True)]
