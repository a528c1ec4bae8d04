"""Selection of the pixel files that a search has to read."""

from dataclasses import replace

from spectraldb.lake.snapshot import Snapshot
from spectraldb.query.pruning import ALL_IDS, Pruning


def prune_files(snapshot: Snapshot, pruning: Pruning) -> Snapshot:
    """Return a version with only the pixel files that can contain matching pixels."""
    bounds = [
        (filter_.name, filter_.bounds)
        for filter_ in pruning.pixel_ranges
        if filter_.name in snapshot.statistics.low
    ]
    if pruning.id_range != ALL_IDS:
        low, high = pruning.id_range
        bounds.append(("productId", [(float(low), float(high))]))
    if not bounds:
        return snapshot
    may_match = snapshot.statistics.overlapping(bounds)
    pixels = {
        product_type: tuple(filter(may_match, snapshot.pixels.get(product_type, ())))
        for product_type in pruning.product_types
    }
    return replace(snapshot, pixels=pixels)
