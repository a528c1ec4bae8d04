"""Rows in the default order: by product, spectrum and pixel."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.cancellation import Cancellation
from spectraldb.engines.base import Output, PixelPlan
from spectraldb.engines.segments.chunks import row_chunks
from spectraldb.engines.segments.columns import pixel_table
from spectraldb.query.model import PageToken
from spectraldb.query.sql.pixels import DEFAULT_ORDER
from spectraldb.schema.column import Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import Table
from spectraldb.segments.scan import PixelScan, SegmentPixels

PRODUCT_ID = Column("productId", Table.PIXEL, "long", "")
KEY_COLUMNS = (PRODUCT_ID, by_name()["spectrum"], by_name()["pixel"])
"""The columns of `DEFAULT_ORDER`."""


def ordered_rows(plan: PixelPlan, scan: PixelScan, cancel: Cancellation) -> Iterator[pa.Table]:
    """Yield the matching pixels in chunks of growing size."""
    columns = dict(plan.compiled.columns)
    if plan.with_keys:
        columns |= {f"_{i}": column for i, column in enumerate(KEY_COLUMNS)}
    elif plan.output is Output.SIZE:
        columns = {name: columns[name] for name in plan.compiled.texts}
    for parts in ordered_pixels(plan, scan, cancel):
        rows = pixel_table(parts, columns, scan.spectra)
        if len(rows):
            yield rows


def ordered_pixels(
    plan: PixelPlan, scan: PixelScan, cancel: Cancellation
) -> Iterator[list[SegmentPixels]]:
    """Yield the matching pixels after the page token, by segment, in chunks of growing size."""
    token = plan.query.after
    for chunk in row_chunks(scan.chunks()):
        cancel.check()
        parts = [scan.pixels(each) for each in chunk]
        yield [_after(part, token) for part in parts] if token is not None else parts


def _after(pixels: SegmentPixels, token: PageToken) -> SegmentPixels:
    """Return the pixels that follow the last row of a page."""
    later = np.zeros(len(pixels), bool)
    same = np.ones(len(pixels), bool)
    for name, key in zip(DEFAULT_ORDER, token.keys, strict=True):
        values: Array = pixels.segment.values(name, pixels.rows)
        later |= same & (values > key)
        same &= values == key
    return pixels.filter(later)
