"""Formats that Arrow writes: CSV, Arrow IPC, Parquet."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from spectraldb.results import TableStream


class Chunks:
    """A file to write to, whose bytes are taken away as they come."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: object) -> int:
        """Take bytes."""
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        self._size += len(part)
        return len(part)

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._size

    def flush(self) -> None:
        """Do nothing: bytes are taken by `take`."""

    def close(self) -> None:
        """Do nothing, as `flush`."""

    def take(self) -> bytes:
        """Return what was written since, and forget it."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def csv(answer: TableStream) -> Iterator[bytes]:
    """Yield comma-separated values; a header line names the columns, no value is nothing."""
    yield (",".join(answer.columns) + "\n").encode()
    options = pa_csv.WriteOptions(include_header=False)
    for batch in answer.batches():
        sink = Chunks()
        pa_csv.write_csv(_widened(batch), sink, options)
        yield sink.take()


def _widened(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return 32-bit numbers as 64-bit ones, whose digits are the file's value exactly."""
    wide = [
        pa.field(f.name, pa.float64() if f.type == pa.float32() else f.type) for f in batch.schema
    ]
    return batch.cast(pa.schema(wide))


def arrow(answer: TableStream) -> Iterator[bytes]:
    """Yield an Arrow IPC stream; fields have unit, description and ucd as metadata."""
    sink = Chunks()
    with pa.ipc.new_stream(sink, answer.schema) as writer:
        yield sink.take()
        for batch in answer.batches():
            writer.write_batch(batch.cast(answer.schema))
            yield sink.take()
    yield sink.take()


def parquet(answer: TableStream) -> Iterator[bytes]:
    """Yield a Parquet file; fields have unit, description and ucd as metadata."""
    sink = Chunks()
    with pq.ParquetWriter(sink, answer.schema, compression="zstd") as writer:
        for batch in answer.batches():
            writer.write_batch(batch.cast(answer.schema))
            yield sink.take()
    yield sink.take()
