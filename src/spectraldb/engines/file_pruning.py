"""The files of a version that a search has to look at."""

from dataclasses import replace

from spectraldb.lake.lake import Snapshot
from spectraldb.query.pruning import ALL_IDS, Scope
from spectraldb.schema.tables import Table


def narrowed(snapshot: Snapshot, scope: Scope) -> Snapshot:
    """Return a version with those files of pixels alone that can hold what is asked for."""
    spans = [
        (interval.name, interval.ends)
        for interval in scope.intervals
        if interval.table is Table.PIXEL and interval.name in snapshot.ranges.low
    ]
    if scope.ids != ALL_IDS:
        spans.append(("productId", [(float(scope.ids[0]), float(scope.ids[1]))]))
    if not spans:
        return snapshot
    chosen = snapshot.ranges.choosing(spans)
    pixels = {
        product_type: tuple(filter(chosen, snapshot.pixels.get(product_type, ())))
        for product_type in scope.product_types
    }
    return replace(snapshot, pixels=pixels)
