"""The formats that Arrow writes: CSV, Arrow IPC, Parquet."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from spectraldb.results import TableStream


class ChunkBuffer:
    """A write-only file, whose bytes are taken out as they arrive."""

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
        """Return the number of bytes written."""
        return self._size

    def flush(self) -> None:
        """Do nothing; `pop` takes the bytes out."""

    def close(self) -> None:
        """Do nothing; `pop` takes the bytes out."""

    def pop(self) -> bytes:
        """Take out and return the bytes written since the last call."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def csv(answer: TableStream) -> Iterator[bytes]:
    """Yield comma-separated values, with a header line; nulls are empty."""
    yield (",".join(answer.columns) + "\n").encode()
    options = pa_csv.WriteOptions(include_header=False)
    for batch in answer.batches():
        sink = ChunkBuffer()
        pa_csv.write_csv(_widened(batch), sink, options)
        yield sink.pop()


def _widened(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return 32-bit numbers as 64-bit ones, whose digits give the exact value of the file."""
    wide = [
        pa.field(f.name, pa.float64() if f.type == pa.float32() else f.type) for f in batch.schema
    ]
    return batch.cast(pa.schema(wide))


def arrow(answer: TableStream) -> Iterator[bytes]:
    """Yield an Arrow IPC stream; fields have unit, description and UCD as metadata."""
    sink = ChunkBuffer()
    with pa.ipc.new_stream(sink, answer.schema) as writer:
        yield sink.pop()
        for batch in answer.batches():
            writer.write_batch(batch.cast(answer.schema))
            yield sink.pop()
    yield sink.pop()


def parquet(answer: TableStream) -> Iterator[bytes]:
    """Yield a Parquet file; fields have unit, description and UCD as metadata."""
    sink = ChunkBuffer()
    with pq.ParquetWriter(sink, answer.schema, compression="zstd") as writer:
        for batch in answer.batches():
            writer.write_batch(batch.cast(answer.schema))
            yield sink.pop()
    yield sink.pop()
