"""Counts of pixels and products, from the ranges of spectra and zones where these suffice."""

import numpy as np
import pyarrow as pa

from spectraldb.cancellation import Cancellation
from spectraldb.segments.scan import MAX_SPECTRA, PixelScan


def count_pixels(scan: PixelScan, cancel: Cancellation) -> pa.Table:
    """Return the number of matching pixels, and that of their products, in one row."""
    if scan.matches_all:
        return _row(scan.spectra.n_pixels, scan.spectra.n_products)
    pixels = 0
    has_matches = np.zeros(len(scan.spectra.products.ids), bool)
    for chunk in scan.chunks(MAX_SPECTRA):
        for found in chunk:
            cancel.check()
            counts = scan.counts(found)
            pixels += int(counts.sum())
            spectrum = found.ranges.spectrum[counts > 0]
            has_matches[scan.spectra.product_index[spectrum]] = True
    return _row(pixels, int(np.count_nonzero(has_matches)))


def _row(pixels: int, products: int) -> pa.Table:
    return pa.table({"pixels": [pixels], "products": [products]})
