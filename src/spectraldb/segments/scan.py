"""Which spectra of which segments a search has to look at, and which of their pixels."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from sqlglot import exp

from spectraldb.arrays import Array
from spectraldb.lake.product_columns import Products
from spectraldb.query.pruning import Interval, Scope
from spectraldb.schema.tables import Table
from spectraldb.segments.reader import Rows, Segment, in_zones

FIRST_ROWS = 2**17
MOST_ROWS = 2**21
"""How many pixels are looked at together: few at first, for an answer may be found soon."""

MOST_LEFT = 0.5
"""Pixels are picked one by one where no more than this share of them is left."""

Which = Callable[[pa.Table, Sequence[exp.Expr], str], Array]
"""Tells which rows of a table, under an alias, fulfil conditions."""


@dataclass(frozen=True)
class Found:
    """Pixels of a segment, and the places of their products."""

    segment: Segment
    rows: Rows
    products: Array
    """The place of each one's product, shape (rows,)."""
    turns: Array
    """The turn of each one's spectrum in the answer, shape (rows,)."""


@dataclass(frozen=True)
class Selection:
    """Spectra of several segments, in the order of answers."""

    segments: list[Segment]
    which: Array
    """The segment of each."""
    place: Array
    """Its place in its segment."""
    product: Array
    """The place of its product."""
    count: Array
    """How many pixels it has."""

    def found(self, scope: Scope) -> Iterator[list[Found]]:
        """Yield the pixels that can match, some spectra at a time, a segment after the other."""
        spans: dict[str, tuple[float, float]] = {}
        for interval in scope.intervals:
            if interval.table is Table.PIXEL:
                low, high = spans.get(interval.name, (-math.inf, math.inf))
                widest = interval.widest
                spans[interval.name] = (max(low, widest.low), min(high, widest.high))
        # Where pixels are compared, few are left: most of the time goes into each look.
        for begin, end in _parts(self.count, MOST_ROWS if spans else FIRST_ROWS):
            which = self.which[begin:end]
            yield [
                self._found(self.segments[number], np.flatnonzero(which == number) + begin, spans)
                for number in np.unique(which)
            ]

    def _found(
        self, segment: Segment, turns: Array, spans: dict[str, tuple[float, float]]
    ) -> Found:
        """Return the pixels of those spectra of a segment whose turn it is."""
        places = self.place[turns]
        # As they lie in the segment, so that pixels of neighbours are taken in one piece.
        order = np.argsort(places)
        turns, places = turns[order], places[order]
        rows = in_zones(segment, places, spans)
        keep = np.ones(len(rows), bool)
        for name, (low, high) in spans.items():
            values = segment.values(name, rows)
            # As 64-bit numbers: a 32-bit one would be rounded to those of the column.
            keep &= (values >= np.float64(low)) & (values <= np.float64(high))
        if np.count_nonzero(keep) <= MOST_LEFT * len(keep):
            rows = rows.chosen(keep)
        of_spectra = np.empty((2, len(segment.spectra)), np.intp)
        of_spectra[:, places] = self.product[turns], turns
        return Found(segment, rows, *of_spectra[:, rows.owner])


def select(
    segments: Iterable[Segment], scope: Scope, products: Products, which: Which
) -> Selection:
    """Return the spectra that can have pixels in a scope.

    Parameters
    ----------
    segments
        The segments to look at.
    scope
        What to look for.
    products
        The products of the version that is searched: spectra of others are not seen.
    which
        Evaluates the conditions that are no intervals.
    """
    segments = list(segments)
    allowed = _allowed(scope, products, which)
    chosen = []
    for segment in segments:
        places, product = _chosen(segment, scope, products, allowed)
        if scope.spectra and len(places):
            keep = which(segment.spectra.take(pa.array(places)), scope.spectra, "c")
            places, product = places[keep], product[keep]
        chosen.append((places, product))
    return _in_order(segments, chosen)


def _allowed(scope: Scope, products: Products, which: Which) -> Array | None:
    """Tell which products fulfil the conditions on products; None if there are no conditions."""
    masks = [products.with_text(words.name, words.texts) for words in scope.words]
    if scope.products:
        masks.append(which(products.rows, scope.products, "d"))
    return np.logical_and.reduce(masks) if masks else None


def _chosen(
    segment: Segment, scope: Scope, products: Products, allowed: Array | None
) -> tuple[Array, Array]:
    """Return the spectra of a segment that can match, and the places of their products."""
    low, high = scope.ids
    keep = (segment.product_id >= low) & (segment.product_id <= high)
    for interval in scope.intervals:
        if not interval.unit_column:
            keep &= _overlaps(segment, interval)
    places = np.flatnonzero(keep)
    product = products.places(segment.product_id[places])
    keep = product >= 0
    if allowed is not None:
        keep &= allowed[product]
    for interval in scope.intervals:
        if interval.unit_column:
            keep &= _overlaps_in_units(segment, interval, products, places, product)
    return places[keep], product[keep]


def _overlaps(segment: Segment, interval: Interval) -> Array:
    low, high = _bounds(segment, interval)
    found: Array = (high >= interval.widest.low) & (low <= interval.widest.high)
    return found


def _overlaps_in_units(
    segment: Segment, interval: Interval, products: Products, places: Array, product: Array
) -> Array:
    low, high = (bound[places] for bound in _bounds(segment, interval))
    found = np.zeros(len(places), bool)
    for span in interval.spans:
        of_unit = products.in_unit(interval.unit_column, span.unit)[product]
        found |= of_unit & (high >= span.low) & (low <= span.high)
    return found


def _bounds(segment: Segment, interval: Interval) -> tuple[Array, Array]:
    """Return the lowest and the highest value of each spectrum."""
    if interval.table is Table.SPECTRUM:
        values = segment.of_spectra(interval.name)
        return values, values
    return segment.of_spectra(f"{interval.name}Low"), segment.of_spectra(f"{interval.name}High")


def _in_order(segments: list[Segment], chosen: list[tuple[Array, Array]]) -> Selection:
    nothing = [np.empty(0, np.intp)]
    places = [places for places, _ in chosen]
    which = np.repeat(np.arange(len(places)), [len(each) for each in places])
    number = [s.spectra["spectrum"].to_numpy()[p] for s, p in zip(segments, places, strict=True)]
    count = [s.count[p] for s, p in zip(segments, places, strict=True)]
    place, product, number_, count_ = (
        np.concatenate(nothing + each)
        for each in (places, [product for _, product in chosen], number, count)
    )
    order = np.lexsort((number_, product))
    return Selection(segments, which[order], place[order], product[order], count_[order])


def _parts(counts: Array, size: int) -> Iterator[tuple[int, int]]:
    """Yield where to part spectra so that each part has about so many pixels, later more."""
    ends = np.cumsum(counts)
    begin, rows = 0, 0
    while begin < len(counts):
        end = max(int(np.searchsorted(ends, rows + size, "right")), begin + 1)
        yield begin, end
        begin, rows, size = end, int(ends[end - 1]), min(2 * size, MOST_ROWS)
