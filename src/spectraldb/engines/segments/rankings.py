"""Rankings: the first rows of a result that is sorted by any columns.

Spectra are visited from the best on.  What a spectrum can contribute is known from its row or from
the range of its pixels, so that the scan ends when no spectrum is left that can improve the result.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.arrays import Array
from spectraldb.cancellation import Cancellation
from spectraldb.engines.base import PixelPlan
from spectraldb.engines.segments.columns import pixel_column, pixel_table, schema_of
from spectraldb.engines.segments.keys import after_mask, key_order
from spectraldb.engines.segments.rows import KEY_COLUMNS
from spectraldb.engines.segments.sorting import columns_with_keys
from spectraldb.query.model import SortKey
from spectraldb.query.pruning import Interval, RangeFilter
from spectraldb.schema.column import Column
from spectraldb.schema.columns import RANGED
from spectraldb.schema.tables import Table
from spectraldb.segments.pixel_rows import PixelRows
from spectraldb.segments.scan import PixelScan, SegmentPixels

FIRST_SPECTRA, MAX_SPECTRA = 2**4, 2**12
"""Numbers of spectra in the first chunk and the largest."""

RANGED_NAMES = frozenset(column.name for column in RANGED)
SEGMENT, ROW, SPECTRUM = "_segment", "_row", "_spectrum"
"""Columns that say where a row is."""


def best_rows(plan: PixelPlan, scan: PixelScan, limit: int, cancel: Cancellation) -> pa.Table:
    """Return the first rows of a sorted result, one more than the limit."""
    ranking = _Ranking(plan, scan, limit + 1)
    for index in ranking.chunks():
        cancel.check()
        for found in scan.ranges(index, ranking.improving):
            ranking.add(found.segment_index, scan.pixels(found))
    return ranking.rows()


class _Ranking:
    """The best rows so far.

    Not thread-safe.
    """

    def __init__(self, plan: PixelPlan, scan: PixelScan, end: int) -> None:
        self._plan, self._scan, self._end = plan, scan, end
        self._key: SortKey = plan.query.sort[0]
        keys = [key.column for key in plan.query.sort] + list(KEY_COLUMNS)
        self._keys = {f"_{i}": column for i, column in enumerate(keys)}
        self._best: pa.Table | None = None

    def chunks(self) -> Iterator[Array]:
        """Yield spectra, from the best on, while they can improve the result."""
        order, bounds = self._visiting_order()
        begin, size = 0, FIRST_SPECTRA
        while begin < len(order):
            if bounds is not None and self._is_worse(bounds[begin]):
                return
            yield np.sort(order[begin : begin + size])
            begin, size = begin + size, min(2 * size, MAX_SPECTRA)

    @property
    def improving(self) -> RangeFilter | None:
        """The values of the first key that can improve the result; None if any can."""
        threshold = self._threshold()
        is_number = isinstance(threshold, int | float)
        if not is_number or self._key.column.table is not Table.PIXEL:
            return None
        interval = (-np.inf, threshold) if not self._key.descending else (threshold, np.inf)
        return RangeFilter(self._key.column.name, Table.PIXEL, (Interval(*interval),))

    def add(self, segment_index: int, pixels: SegmentPixels) -> None:
        """Add matching pixels."""
        pixels = self._promising(pixels)
        if not len(pixels):
            return
        spectra = self._scan.spectra
        keys = {name: pixel_column(pixels, each, spectra) for name, each in self._keys.items()}
        row = pixels.rows.take(np.arange(len(pixels))).index
        keys |= {
            SEGMENT: pa.array(np.full(len(pixels), segment_index)),
            ROW: pa.array(row),
            SPECTRUM: pa.array(pixels.spectrum),
        }
        rows = pa.table(keys)
        after, descending = self._plan.query.after, self._plan.compiled.descending
        if after is not None:
            rows = rows.filter(after_mask(rows, descending, after.keys))
        if self._best is not None:
            rows = pa.concat_tables([self._best, rows])
        self._best = rows.take(key_order(rows, descending).slice(0, self._end)).combine_chunks()

    def _promising(self, pixels: SegmentPixels) -> SegmentPixels:
        """Return the pixels that can be among the best by their first key alone."""
        column = self._key.column
        is_number = column.table is Table.PIXEL and column.dtype == "float"
        if not is_number or len(pixels) <= self._end or self._plan.query.after is not None:
            return pixels
        values = pixels.segment.values(column.name, pixels.rows)
        keys = -values if self._key.descending else values
        last = np.partition(keys, self._end - 1)[self._end - 1]  # NaN comes last
        return pixels if np.isnan(last) else pixels.filter(keys <= last)

    def rows(self) -> pa.Table:
        """Return the best rows, with their sort keys."""
        with_keys = columns_with_keys(self._plan)
        if self._best is None or not len(self._best):
            return schema_of(with_keys).empty_table()
        segment, row, spectrum = (self._best[n].to_numpy() for n in (SEGMENT, ROW, SPECTRUM))
        tables, positions = [], []
        for index in np.unique(segment).tolist():
            position = np.flatnonzero(segment == index)
            tables.append(self._rows_of(index, row[position], spectrum[position], with_keys))
            positions.append(position)
        order = np.argsort(np.concatenate(positions))
        return pa.concat_tables(tables).take(pa.array(order))

    def _rows_of(
        self, segment_index: int, row: Array, spectrum: Array, columns: Mapping[str, Column]
    ) -> pa.Table:
        spectra = self._scan.spectra
        in_segment = spectra.index_in_segment[spectrum]
        pixels = SegmentPixels(
            spectra.segments[segment_index], PixelRows(row, in_segment), spectrum
        )
        return pixel_table([pixels], columns, spectra)

    def _visiting_order(self) -> tuple[Array, "list[object] | Array | None"]:
        """Return the selected spectra from the best on, and the best value that each can have."""
        selected, column = self._scan.selected, self._key.column
        name = column.name
        if column.table is Table.PIXEL:
            if name not in RANGED_NAMES:
                return selected, None
            name = f"{name}{'High' if self._key.descending else 'Low'}"
        if column.table is not Table.PRODUCT and column.dtype != "string":
            return self._by_number(name)
        values = self._values(selected)
        order = pc.sort_indices(
            values, sort_keys=[("", "descending" if self._key.descending else "ascending")]
        )
        return selected[order.to_numpy()], values.take(order).to_pylist()

    def _by_number(self, name: str) -> tuple[Array, Array]:
        spectra, selected = self._scan.spectra, self._scan.selected
        order, _ = spectra.sorted(name)
        order = order[::-1] if self._key.descending else order
        is_selected = np.zeros(len(spectra), bool)
        is_selected[selected] = True
        with_value = order[is_selected[order]]
        is_selected[with_value] = False
        order = np.concatenate([with_value, np.flatnonzero(is_selected)])
        return order, spectra.numbers(name)[order]

    def _values(self, selected: Array) -> pa.Array:
        spectra, name = self._scan.spectra, self._key.column.name
        if self._key.column.table is Table.SPECTRUM:
            values = spectra.column(name).take(pa.array(selected))
        else:
            values = spectra.products.values(name, spectra.product_index[selected])
        return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values

    def _threshold(self) -> object:
        """Return the first key of the last row to return; None without enough rows, or if null."""
        if self._best is None or len(self._best) < self._end:
            return None
        return self._best["_0"][self._end - 1].as_py()

    def _is_worse(self, bound: object) -> bool:
        """Return whether rows with this first key, or a worse one, cannot improve the result."""
        threshold = self._threshold()
        if threshold is None:
            return False
        if bound is None or bound != bound:  # noqa: PLR0124 - NaN is null
            return True
        if self._key.descending:
            return bool(bound < threshold)  # type: ignore[operator]
        return bool(bound > threshold)  # type: ignore[operator]
