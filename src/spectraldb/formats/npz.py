"""NumPy's npz archives, which preserve the types, shapes and NaN of the file.

The format is that of `numpy.savez`: a zip file of `.npy` members
(https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), to which `answer.json`
adds the fields of the JSON format other than `data`.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from spectraldb.arrays import Array
from spectraldb.formats.columnar import ChunkBuffer
from spectraldb.formats.json import head_json
from spectraldb.products.array_column import ArrayColumn, numpy_type
from spectraldb.results import ArraysResult

HEAD = "answer.json"


def npz(answer: ArraysResult) -> Iterator[bytes]:
    """Yield a retrieval in chunks, with at most one chunk of an array in memory.

    Images of different shapes (the slits of a level-2 file) are members `name.0`, `name.1` ...
    """
    sink = ChunkBuffer()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(HEAD), head_json(answer))
        for column in answer.columns:
            for name, header, pieces in _members(column):
                # Its size is not yet known and may exceed 4 GB.
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                    member.write(header)
                    for piece in pieces:
                        member.write(np.ascontiguousarray(piece).data.cast("B"))
                        yield sink.pop()
    yield sink.pop()


def _members(column: ArrayColumn) -> Iterator[tuple[str, bytes, Iterator[Array]]]:
    """Yield the name, the header and the chunks of each array of a column."""
    if column.ragged:
        for number, image in enumerate(column.chunks()):
            yield f"{column.name}.{number}", _header(image.dtype, image.shape), iter([image])
        return
    if column.dtype == "string":
        # The type depends on the longest text.
        texts = column.read().astype(str)
        yield column.name, _header(texts.dtype, texts.shape), iter([texts])
        return
    dtype = numpy_type(column.dtype)
    pieces = (chunk.astype(dtype, copy=False) for chunk in column.chunks() if chunk.size)
    yield column.name, _header(dtype, column.shape), pieces


def _header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    sink = io.BytesIO()
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(sink, header)
    return sink.getvalue()
