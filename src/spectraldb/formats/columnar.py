"""Formats that Arrow writes: CSV, Arrow IPC, Parquet."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from spectraldb.results import TableStream


class ChunkBuffer:
    """A file to write to, whose bytes are removed as they come."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: object) -> int:
        """Add bytes."""
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        self._size += len(part)
        return len(part)

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._size

    def flush(self) -> None:
        """Do nothing: `pop` removes the bytes."""

    def close(self) -> None:
        """Do nothing, as `flush`."""

    def pop(self) -> bytes:
        """Return the bytes written since the last call, and remove them."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def csv(answer: TableStream) -> Iterator[bytes]:
    """Yield comma-separated values; a header line names the columns, null is empty."""
    yield (",".join(answer.columns) + "\n").encode()
    options = pa_csv.WriteOptions(include_header=False)
    for batch in answer.batches():
        sink = ChunkBuffer()
        pa_csv.write_csv(_widened(batch), sink, options)
        yield sink.pop()


def _widened(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return 32-bit numbers as 64-bit ones, whose digits are the file's value exactly."""
    wide = [
        pa.field(f.name, pa.float64() if f.type == pa.float32() else f.type) for f in batch.schema
    ]
    return batch.cast(pa.schema(wide))


def arrow(answer: TableStream) -> Iterator[bytes]:
    """Yield an Arrow IPC stream; fields have unit, description and ucd as metadata."""
    sink = ChunkBuffer()
    with pa.ipc.new_stream(sink, answer.schema) as writer:
        yield sink.pop()
        for batch in answer.batches():
            writer.write_batch(batch.cast(answer.schema))
            yield sink.pop()
    yield sink.pop()


def parquet(answer: TableStream) -> Iterator[bytes]:
    """Yield a Parquet file; fields have unit, description and ucd as metadata."""
    sink = ChunkBuffer()
    with pq.ParquetWriter(sink, answer.schema, compression="zstd") as writer:
        for batch in answer.batches():
            writer.write_batch(batch.cast(answer.schema))
            yield sink.pop()
    yield sink.pop()
