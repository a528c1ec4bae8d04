"""Parquet files are written here, row group by row group.

They are written by Arrow and not by the Delta writer, because encodings decide their size:
floating-point columns are split into bytes (BYTE_STREAM_SPLIT), which lets zstd find that the
widened 32-bit numbers of images and cubes hold only zeros in their lower bytes.
"""

import contextlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from spectraldb.lake.encoder import Encoder

ROW_GROUP = 122_880
"""Rows of a row group; DuckDB works on as many at once."""

INDICES = ("pixel", "x", "y", "z")


class RowGroups:
    """A Parquet file that is being written, in row groups of full size.

    They are encoded in a thread; an error there is raised by a later call.

    Parameters
    ----------
    path
        The file.
    schema
        Its columns.
    product_type
        What its rows are.
    """

    def __init__(self, path: Path, schema: pa.Schema, product_type: str) -> None:
        self.path = path
        self._encoder = Encoder()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(path, schema, **_encodings(schema, product_type))
        self._waiting: list[pa.Table] = []
        self._n_waiting = 0

    def write(self, rows: pa.Table) -> None:
        """Take rows; they are written once a row group is full."""
        self._waiting.append(rows)
        self._n_waiting += len(rows)
        if self._n_waiting >= ROW_GROUP:
            whole = self._n_waiting - self._n_waiting % ROW_GROUP
            self._flush(whole)

    def _flush(self, count: int) -> None:
        rows = pa.concat_tables(self._waiting)
        whole, rest = rows.slice(0, count), rows.slice(count)
        self._encoder.do(lambda: self._writer.write_table(whole, row_group_size=ROW_GROUP))
        self._waiting, self._n_waiting = [rest], len(rest)

    def close(self) -> None:
        """Write what is left; the file is whole then."""
        if self._n_waiting:
            self._flush(self._n_waiting)
        self._encoder.finish()
        self._writer.close()

    def abandon(self) -> None:
        """Delete the file."""
        self._encoder.end()
        with contextlib.suppress(OSError):
            self._writer.close()
        self.path.unlink(missing_ok=True)


def _encodings(schema: pa.Schema, product_type: str) -> dict[str, Any]:
    """Return how columns are encoded: numbers that vary split into bytes, the others listed.

    The wavelengths of a cube are the same in every spaxel, so that a list of them is short.
    Of indices, which count up, the steps are written.
    """
    special = {f.name: "BYTE_STREAM_SPLIT" for f in schema if pa.types.is_floating(f.type)}
    if product_type == "s3d":
        special.pop("wavelength", None)
    special |= {name: "DELTA_BINARY_PACKED" for name in INDICES if name in schema.names}
    return {
        "compression": "zstd",
        "use_dictionary": [f.name for f in schema if f.name not in special],
        "column_encoding": special,
        "write_statistics": True,
    }
