"""A writer of Parquet files, one row group at a time.

It uses Arrow instead of the writer of Delta in order to choose the encodings, which determine the
file size: BYTE_STREAM_SPLIT lets zstd compress the zeros in the lower bytes of numbers that were
widened from 32 to 64 bits.
"""

import contextlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from spectraldb.lake.encoder import Encoder

ROW_GROUP = 122_880
"""Number of rows per row group, the same as in DuckDB."""

INDICES = ("pixel", "x", "y", "z")


class ParquetWriter:
    """Writer of a Parquet file in full row groups, which a thread encodes.

    Parameters
    ----------
    path
        Path of the file.
    schema
        Schema of the file.
    product_type
        Product type of all rows.

    Raises
    ------
    OSError, pa.ArrowException
        From any method, if encoding or writing of an earlier row group failed.
    """

    def __init__(self, path: Path, schema: pa.Schema, product_type: str) -> None:
        self.path = path
        self._encoder = Encoder()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(path, schema, **_encodings(schema, product_type))
        self._buffer: list[pa.Table] = []
        self._n_buffered = 0

    def write(self, rows: pa.Table) -> None:
        """Add rows, and write the row groups that are full."""
        self._buffer.append(rows)
        self._n_buffered += len(rows)
        if self._n_buffered >= ROW_GROUP:
            self._flush(self._n_buffered - self._n_buffered % ROW_GROUP)

    def _flush(self, count: int) -> None:
        rows = pa.concat_tables(self._buffer)
        full, rest = rows.slice(0, count), rows.slice(count)
        self._encoder.submit(lambda: self._writer.write_table(full, row_group_size=ROW_GROUP))
        self._buffer, self._n_buffered = [rest], len(rest)

    def close(self) -> None:
        """Write the remaining rows and complete the file."""
        if self._n_buffered:
            self._flush(self._n_buffered)
        self._encoder.finish()
        self._writer.close()

    def abandon(self) -> None:
        """Delete the file."""
        self._encoder.shutdown()
        with contextlib.suppress(OSError):
            self._writer.close()
        self.path.unlink(missing_ok=True)


def _encodings(schema: pa.Schema, product_type: str) -> dict[str, Any]:
    """Return the options of the writer for the encodings of columns.

    Floats use BYTE_STREAM_SPLIT, except the wavelengths of cubes: these are the same in every
    spaxel, so a dictionary is shorter.  Indices usually increase by one, which suits
    DELTA_BINARY_PACKED.  All other columns use a dictionary.
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
