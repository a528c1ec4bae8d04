"""The size of a result: its number of rows, and the sizes of its texts."""

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc


def measure_tables(tables: Iterable[pa.Table], texts: Sequence[str]) -> pa.Table:
    """Return the row of `spectraldb.query.sql.pixels.compile_size` for a result.

    Parameters
    ----------
    tables
        The rows of the result.
    texts
        Names of its columns of text.
    """
    count, longest, beyond = 0, dict.fromkeys(texts, 0), dict.fromkeys(texts, 0)
    for rows in tables:
        count += len(rows)
        for name in texts:
            distinct = pc.unique(rows[name]).drop_null()
            n_bytes = pc.binary_length(distinct)
            more = pc.subtract(n_bytes, pc.utf8_length(distinct))
            longest[name] = max(longest[name], pc.max(n_bytes).as_py() or 0)
            beyond[name] = max(beyond[name], pc.max(more).as_py() or 0)
    row = {"rows": [count]}
    for i, name in enumerate(texts):
        row |= {f"w{i}": [longest[name]], f"u{i}": [beyond[name]]}
    return pa.table(row)
