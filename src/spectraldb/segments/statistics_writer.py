"""A writer of what searches need to know about zones and spectra before they read pixels."""

from pathlib import Path

import numpy as np

from spectraldb.arrays import Array
from spectraldb.segments.format import (
    ZONE,
    ColumnEncoding,
    Encoding,
    column_file,
    is_floating,
    null_code,
)
from spectraldb.segments.parquet_columns import BATCH_ROWS
from spectraldb.segments.pixel_rows import PixelRows
from spectraldb.segments.reader import Segment


class StatisticsWriter:
    """Writer of the ranges of zones, of where nulls are, and of ascending wavelengths.

    Parameters
    ----------
    segment
        The segment with its columns written.
    n_rows
        Number of pixels.
    folder
        Folder of the segment.
    """

    def __init__(self, segment: Segment, n_rows: int, folder: Path) -> None:
        self._segment, self._n_rows, self._folder = segment, n_rows, folder
        self._spectrum_index = np.repeat(np.arange(len(segment.first)), segment.count)

    def write(self, name: str, column: ColumnEncoding) -> ColumnEncoding:
        """Write the statistics of a column, and return its encoding with what was written."""
        if column.encoding is Encoding.ABSENT and name != "wavelength":
            return column
        has_zones = is_floating(name) and column.encoding not in (
            Encoding.ABSENT,
            Encoding.CONSTANT,
        )
        lows: list[Array] = []
        highs: list[Array] = []
        null_zones: list[Array] = []
        null_spectra = np.zeros(len(self._segment.first), bool)
        not_ascending = np.zeros(len(self._segment.first), bool)
        last = np.empty(0)
        for begin in range(0, self._n_rows, BATCH_ROWS):
            values, null = self._values(name, begin, min(begin + BATCH_ROWS, self._n_rows))
            zones = np.arange(0, len(values), ZONE)
            if has_zones:
                lows.append(np.fmin.reduceat(values, zones))
                highs.append(np.fmax.reduceat(values, zones))
            null_zones.append(np.logical_or.reduceat(null, zones))
            null_spectra[self._spectrum_index[begin + np.flatnonzero(null)]] = True
            if name == "wavelength":
                not_ascending[self._descents(np.concatenate([last, values]), begin)] = True
                last = values[-1:]
        if has_zones:
            self._save(name, "low", np.concatenate(lows))
            self._save(name, "high", np.concatenate(highs))
        if null_spectra.any():
            self._save(name, "nullZones", np.concatenate(null_zones))
            self._save(name, "nullSpectra", null_spectra)
        if name == "wavelength":
            self._save(name, "ascending", ~not_ascending & ~null_spectra)
        return column.model_copy(update={"zones": has_zones, "nulls": bool(null_spectra.any())})

    def _values(self, name: str, begin: int, end: int) -> tuple[Array, Array]:
        """Return the values of rows, and the mask of those that are null."""
        rows = PixelRows(slice(begin, end), self._spectrum_index[begin:end])
        values = self._segment.values(name, rows)
        if values.dtype.kind == "f":
            return values, np.isnan(values)
        return values, values == null_code(values.dtype)

    def _descents(self, values: Array, begin: int) -> Array:
        """Return the spectra in which a value is lower than the one before it.

        `values` has the values of the rows from `begin` on, after that of the row before.
        """
        first = max(begin - 1, 0)
        spectrum = self._spectrum_index[first : first + len(values)]
        descends = (values[1:] < values[:-1]) & (spectrum[1:] == spectrum[:-1])
        descending: Array = spectrum[1:][descends]
        return descending

    def _save(self, name: str, part: str, values: Array) -> None:
        np.save(column_file(self._folder, name, part), values)
