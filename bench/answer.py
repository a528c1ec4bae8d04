"""Responses of `retrieve` on disk, and a check that two of them contain the same numbers."""

import mmap
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from bench.client import Client

ROUNDED = ("ra", "dec")
"""Arrays that both servers compute: the last digit may differ. All others are copied."""


class Answer:
    """A response in a file, because that of a cube is too large to parse at once."""

    def __init__(self, path: Path, client: Client) -> None:
        self._path = path
        with path.open("wb") as file:
            client.get(file.write)

    def array(self, name: str) -> NDArray[np.float64]:
        """Return one array of `data`, with NaN for null."""
        with self._path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=1) as text:
            start = text.find(f'"{name}":['.encode())
            if start < 0:
                raise KeyError(f"The response has no array {name}.")
            start += len(name) + 3
            end = text.find(b'"', start)  # the name of the next array
            body = text[start:end] if end > 0 else text[start:]
        parsed: Any = orjson.loads(body.rstrip(b",}"))
        return np.array(parsed, np.float64)


def check_equal(names: list[str], one: Answer, other: Answer) -> int:
    """Return the number of values in two responses; raise ValueError if they differ."""
    count = 0
    for name in names:
        a, b = one.array(name), other.array(name)
        tolerance = 1e-12 if name in ROUNDED else 0.0
        same = a.shape == b.shape and np.allclose(a, b, tolerance, 0, equal_nan=True)
        if not same:
            raise ValueError(f"The responses differ in {name}, so their times cannot be compared.")
        count += a.size
    return count
