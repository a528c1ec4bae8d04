"""A segment that is open: its spectra, and the values of chosen pixels."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.arrays import Array
from spectraldb.derive.statistics import pixel_snr
from spectraldb.lake.product_columns import encoded
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.segments.format import (
    FORMAT,
    MANIFEST,
    SPECTRA,
    ZONE,
    Kind,
    Manifest,
    column_file,
    none_code,
)

OF_SPECTRUM = ("productId", "spectrum")
"""Columns of a pixel that are those of its spectrum."""


@dataclass(frozen=True)
class Rows:
    """Some pixels of a segment."""

    index: slice | Array
    """Where they are."""
    owner: Array
    """The place of each one's spectrum among those of the segment."""

    def __len__(self) -> int:
        return len(self.owner)

    def chosen(self, which: Array) -> "Rows":
        """Return those of them that `which` says."""
        index = self.index
        if isinstance(index, slice):
            return Rows(np.flatnonzero(which) + index.start, self.owner[which])
        return Rows(index[which], self.owner[which])


class Segment:
    """A segment in a folder.

    Raises
    ------
    OSError, ValueError
        If there is none, or it is not whole, or of another format.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
        if self._manifest.format != FORMAT:
            raise ValueError(f"{folder} is of another format")
        with pa.memory_map(str(folder / SPECTRA)) as source:
            self.spectra = pa.ipc.open_file(source).read_all().combine_chunks()
        self._arrays: dict[tuple[str, str], Array] = {}
        self._check()
        self._numbers: dict[str, Array] = {}
        self._encoded: dict[str, pa.Array] = {}

    def _check(self) -> None:
        """Map every file, so that one that is cut short or gone is found now."""
        for name, kept in self._manifest.columns.items():
            if kept.kind not in (Kind.PIXEL, Kind.ABSENT):
                self._load(name)
            if kept.zones:
                self.zones(name)

    @cached_property
    def first(self) -> Array:
        """Where the pixels of each spectrum begin, shape (spectra,)."""
        return np.asarray(self.spectra["first"].to_numpy())

    @cached_property
    def count(self) -> Array:
        """How many pixels each spectrum has, shape (spectra,)."""
        return np.asarray(self.spectra["count"].to_numpy())

    @cached_property
    def product_id(self) -> Array:
        """The product of each spectrum, shape (spectra,)."""
        return np.asarray(self.spectra["productId"].to_numpy())

    def of_spectra(self, name: str) -> Array:
        """Return a number of each spectrum in double precision, NaN for none; shape (spectra,)."""
        if name not in self._numbers:
            values = pc.fill_null(self.spectra[name].cast(pa.float64(), safe=False), np.nan)
            self._numbers[name] = values.to_numpy()
        return self._numbers[name]

    def encoded(self, name: str) -> pa.Array:
        """Return a column of the spectra, text as a dictionary; shape (spectra,)."""
        if name not in self._encoded:
            self._encoded[name] = encoded(self.spectra[name])
        return self._encoded[name]

    def zones(self, name: str) -> tuple[Array, Array] | None:
        """Return the lowest and the highest value of each zone, if that is known of a column."""
        kept = self._manifest.columns.get(name)
        if kept is None or not kept.zones:
            return None
        return self._load(name, "low"), self._load(name, "high")

    def values(self, name: str, rows: Rows) -> Array:
        """Return the values of pixels as they are kept: NaN, or the type's largest, for none."""
        if name == "snr":
            return pixel_snr(self.values("flux", rows), self.values("fluxErr", rows))
        if name in OF_SPECTRUM:
            return self._of_owner(self.spectra[name].to_numpy(), rows)
        kind = self._manifest.columns[name].kind
        if kind is Kind.ABSENT:
            return np.full(len(rows), np.nan)
        if kind is Kind.CONSTANT:
            return self._of_owner(self._load(name), rows)
        if kind is Kind.PLANE:
            begins = self._of_owner(self._load(name, "first"), rows)
            return self._picked(name, begins + self.values("pixel", rows))
        return self._picked("pixel" if kind is Kind.PIXEL else name, rows.index)

    def _of_owner(self, values: Array, rows: Rows) -> Array:
        of_rows: Array = values[rows.owner]
        return of_rows

    def _picked(self, name: str, index: slice | Array) -> Array:
        picked: Array = self._load(name)[index]
        return picked

    def column(self, name: str, rows: Rows) -> pa.Array:
        """Return the values of pixels as the lake's table has them, null for none."""
        dtype = SCHEMAS[Table.PIXEL].field(name).type
        if name not in OF_SPECTRUM and self._manifest.columns[name].kind is Kind.ABSENT:
            return pa.nulls(len(rows), dtype)
        values = self.values(name, rows)
        if values.dtype.kind == "f":
            return pa.array(np.asarray(values, "f8"), from_pandas=True)
        if name in OF_SPECTRUM:
            return pa.array(values).cast(dtype)
        none = values == none_code(values.dtype)
        return pa.array(values, mask=none if none.any() else None).cast(dtype)

    def _load(self, name: str, part: str = "") -> Array:
        if (name, part) not in self._arrays:
            path = column_file(self._folder, name, part)
            self._arrays[name, part] = np.asarray(np.load(path, mmap_mode="r"))
        return self._arrays[name, part]


def ragged(starts: Array, stops: Array) -> Array:
    """Return the numbers of all ranges, one range after the other."""
    lengths = stops - starts
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    numbers: Array = np.arange(total) + np.repeat(starts - (ends - lengths), lengths)
    return numbers


def whole(segment: Segment, places: Array) -> Rows:
    """Return all pixels of some spectra."""
    begins = segment.first[places]
    return rows_of(begins, begins + segment.count[places], places)


def rows_of(starts: Array, stops: Array, owners: Array) -> Rows:
    """Return the pixels of ranges, each of one spectrum."""
    owner = np.repeat(owners, stops - starts)
    touching = len(starts) > 0 and bool(np.all(starts[1:] == stops[:-1]))
    index = slice(int(starts[0]), int(stops[-1])) if touching else ragged(starts, stops)
    return Rows(index, owner)


def in_zones(segment: Segment, places: Array, spans: dict[str, tuple[float, float]]) -> Rows:
    """Return the pixels of some spectra that lie in zones where every number can be in its span."""
    known = {name: zones for name in spans if (zones := segment.zones(name)) is not None}
    if not known:
        return whole(segment, places)
    begins = segment.first[places]
    ends = begins + segment.count[places]
    first, last = begins // ZONE, (ends - 1) // ZONE + 1
    zone, which = ragged(first, last), np.repeat(np.arange(len(places)), last - first)
    keep = np.ones(len(zone), bool)
    for name, (low, high) in known.items():
        keep &= (high[zone] >= spans[name][0]) & (low[zone] <= spans[name][1])
    zone, which = zone[keep], which[keep]
    starts = np.maximum(zone * ZONE, begins[which])
    stops = np.minimum((zone + 1) * ZONE, ends[which])
    return rows_of(starts, stops, places[which])
