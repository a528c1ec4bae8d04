"""Parquet files, written row group by row group.

Arrow writes them and not Delta's writer, because encodings decide their size: floating-point
columns are split into bytes (BYTE_STREAM_SPLIT), which lets zstd find that the widened 32-bit
numbers of images and cubes have only zeros in their lower bytes.
"""

import contextlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from spectraldb.lake.encoder import Encoder

ROW_GROUP = 122_880
"""Rows of a row group; DuckDB processes as many at once."""

INDICES = ("pixel", "x", "y", "z")


class ParquetWriter:
    """Writes a Parquet file in row groups of full size, which a thread encodes.

    Parameters
    ----------
    path
        The file.
    schema
        Its columns.
    product_type
        The product type of its rows.

    Raises
    ------
    OSError, pa.ArrowException
        From any method, if an earlier row group could not be encoded or written.
    """

    def __init__(self, path: Path, schema: pa.Schema, product_type: str) -> None:
        self.path = path
        self._encoder = Encoder()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(path, schema, **_encodings(schema, product_type))
        self._buffer: list[pa.Table] = []
        self._n_buffered = 0

    def write(self, rows: pa.Table) -> None:
        """Add rows; they are written once a row group is full."""
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
        """Write the rows that are left and finish the file."""
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
    """Return options of the writer: floats are split into bytes, others get a dictionary.

    The wavelengths of a cube are the same in every spaxel, so that their dictionary is short.
    Indices count up, so that their differences are encoded.
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
