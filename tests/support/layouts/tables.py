"""Tables of spectra: columns, units, and bad pixels like those of real tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.support.layouts.common import Array, assign, datamodels, ramp

# Rows of the deliberate defects; the bad row is in the middle of each spectrum.
INFINITE_FLUX, INFINITE_ERROR = 1, 2

SPECTRUM_COLUMNS = (
    *("WAVELENGTH", "FLUX", "FLUX_ERROR"),
    *("FLUX_VAR_POISSON", "FLUX_VAR_RNOISE", "FLUX_VAR_FLAT"),
    *("SURF_BRIGHT", "SB_ERROR", "SB_VAR_POISSON", "SB_VAR_RNOISE", "SB_VAR_FLAT", "DQ"),
    *("BACKGROUND", "BKGD_ERROR", "BKGD_VAR_POISSON", "BKGD_VAR_RNOISE", "BKGD_VAR_FLAT"),
    "NPIXELS",
)
FRINGE_COLUMNS = ("RF_FLUX", "RF_SURF_BRIGHT", "RF_BACKGROUND")
COMBINED_COLUMNS = (
    *("WAVELENGTH", "FLUX", "ERROR", "SURF_BRIGHT", "SB_ERROR", "DQ", "WEIGHT", "N_INPUT"),
)
# In vector tables, these columns have an array in each row; all others have one value.
VECTOR_COLUMNS = frozenset(SPECTRUM_COLUMNS) | frozenset(COMBINED_COLUMNS)
_ALL_COLUMNS = tuple(dict.fromkeys(SPECTRUM_COLUMNS + FRINGE_COLUMNS + COMBINED_COLUMNS))
ZERO_VARIANCES = ("FLUX_VAR_POISSON", "FLUX_VAR_RNOISE", "FLUX_VAR_FLAT")
ZERO_BRIGHTNESS = ("SURF_BRIGHT", "SB_ERROR", "SB_VAR_POISSON", "SB_VAR_RNOISE", "SB_VAR_FLAT")

_SCALAR_UNITS = {
    **dict.fromkeys(("SOURCE_XPOS", "SOURCE_YPOS"), "pix"),
    **dict.fromkeys(("SOURCE_RA", "SOURCE_DEC"), "deg"),
    **dict.fromkeys(("MJD-BEG", "MJD-AVG", "MJD-END", "TDB-BEG", "TDB-MID", "TDB-END"), "d"),
}


@dataclass(frozen=True)
class Units:
    """The unit strings of a release."""

    flux: str = "Jy"
    flux_variance: str = "Jy^2"
    brightness: str = "MJy/sr"
    brightness_variance: str = "MJy^2 / sr^2"

    def of(self, column: str) -> str | None:
        """Return the unit of a column, or None if it has none."""
        if column in {"WAVELENGTH", "DQ", "NPIXELS", "WEIGHT", "N_INPUT"}:
            return "um" if column == "WAVELENGTH" else None
        is_flux = column in {"FLUX", "FLUX_ERROR", "ERROR", "RF_FLUX"}
        if is_flux or column.startswith("FLUX_VAR"):
            return self.flux if is_flux else self.flux_variance
        if column in _SCALAR_UNITS or column not in VECTOR_COLUMNS | set(FRINGE_COLUMNS):
            return _SCALAR_UNITS.get(column)
        return self.brightness_variance if "_VAR_" in column else self.brightness


JY = Units()
MJY = Units("MJy", "MJy^2")
# Before 1.10.0, and for integral-field spectra in every release.
JY_BRACKETED = Units(brightness_variance="(MJy/sr)^2")
COUNTS = Units("DN/s", "DN^2 / s^2", "DN/s", "DN^2 / s^2")


# Values of FLUX, its error and DQ in a bad pixel: of slit spectra since 1.17.0, of older slit
# spectra, and of integral-field spectra.
FLAGGED = (np.nan, np.nan, 1)
UNFLAGGED = (0.0, np.nan, 0)
EMPTY_APERTURE = (0.0, 0.0, 1)


@dataclass(frozen=True)
class Style:
    """Values and units that a release writes to a table."""

    units: Units = JY
    bad: tuple[float, float, int] = FLAGGED
    zero: tuple[str, ...] = ()


def fill(table: Any, wavelength: Array, number: int, style: Style) -> None:
    """Write a spectrum to a table, or to the start of a (longer) vector row."""
    n = len(wavelength)
    for column, name in enumerate(_ALL_COLUMNS):
        if name in table.dtype.names:
            values = ramp(column, number, n)
            is_error = "ERR" in name or "_VAR_" in name
            table[name][:n] = 0 if name in style.zero else values / 100 if is_error else values
    table["WAVELENGTH"][:n] = wavelength
    table["DQ"][:n] = 0
    _spoil(table, n, style)


def _spoil(table: Any, n: int, style: Style) -> None:
    error = next(name for name in ("FLUX_ERROR", "ERROR") if name in table.dtype.names)
    table["FLUX"][INFINITE_FLUX] = np.inf
    table[error][INFINITE_ERROR] = np.inf
    bad = n // 2
    table["FLUX"][bad], table[error][bad], table["DQ"][bad] = style.bad


def spectrum(
    model: str, wavelength: Array, number: int, style: Style, header: Mapping[str, object]
) -> Any:
    """Return the data model of one spectrum, with one row per wavelength."""
    kind = getattr(datamodels(), model)
    table = np.zeros(len(wavelength), dtype=kind().get_dtype("spec_table"))
    fill(table, wavelength, number, style)
    return _labelled(kind(spec_table=table), style.units, header)


def vectors(
    model: str,
    rows: Sequence[Array],
    scalars: Mapping[str, Sequence[object]],
    style: Style,
    header: Mapping[str, object],
    first: int = 0,
) -> Any:
    """Return the data model of many spectra, with one row per spectrum, padded to the longest."""
    kind = getattr(datamodels(), model)
    # The width is never 0, because astropy would then read overlapping columns.
    width = max(8, *map(len, rows))
    table = _padded(kind().get_dtype("spec_table"), len(rows), width)
    for index, wavelength in enumerate(rows):
        if len(wavelength):
            fill(table[index], wavelength, first + index, style)
    for name, values in scalars.items():
        table[name] = values
    table["N_ALONGDISP"] = [len(row) for row in rows]
    return _labelled(kind(spec_table=table), style.units, header)


def _padded(dtype: Any, n_rows: int, n_wave: int) -> Any:
    shapes = {name: (n_wave,) if name in VECTOR_COLUMNS else () for name in dtype.names}
    table = np.zeros(n_rows, dtype=[(name, dtype[name], shapes[name]) for name in dtype.names])
    for name in VECTOR_COLUMNS & set(dtype.names):
        table[name] = 1 if name == "DQ" else np.nan
    return table


def _labelled(model: Any, units: Units, header: Mapping[str, object]) -> Any:
    for column in model.spec_table.columns:
        unit = units.of(column.name)
        if unit is not None:
            column.unit = unit
    assign(model, header)
    return model
