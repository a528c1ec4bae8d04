"""Sort keys: the order of rows, and the rows after a page token."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.arrays import Array
from spectraldb.query.model import Value


def key_order(rows: pa.Table, descending: Sequence[bool]) -> pa.Array:
    """Return the indices that sort rows by their keys ``_0, _1, ...``, with nulls last."""
    directions = ["descending" if each else "ascending" for each in descending]
    keys = [(f"_{i}", direction) for i, direction in enumerate(directions)]
    return pc.sort_indices(rows, sort_keys=keys)


def after_mask(
    rows: pa.Table, descending: Sequence[bool], keys: Sequence[Value | None]
) -> pa.Array:
    """Return the mask of the rows whose keys follow those of the last row of a page."""
    later: Array = np.zeros(len(rows), bool)
    same: Array = np.ones(len(rows), bool)
    for i, (is_descending, key) in enumerate(zip(descending, keys, strict=True)):
        column = rows[f"_{i}"].combine_chunks()
        missing = np.asarray(column.is_null())
        if key is None:  # nulls come last, so only nulls can follow
            same &= missing
            continue
        compare = pc.less if is_descending else pc.greater
        later |= same & (_true(compare(column, key)) | missing)
        same &= _true(pc.equal(column, key))
    return pa.array(later)


def _true(mask: pa.Array) -> Array:
    return np.asarray(mask.fill_null(fill_value=False))
