"""The interface through which the client reads a lake, on a server or in this process."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from spectraldb.client.parameters import Pairs

Values = NDArray[Any] | list[NDArray[Any]]
"""An array, or a list with one array per slit if the file has several slits."""

API = "/spectra/api/v0.1"


@dataclass(frozen=True)
class RetrievedArrays:
    """The result of a retrieval."""

    head: dict[str, Any]
    """The JSON response of the API, without `data`."""
    values: dict[str, Values]


class Backend(Protocol):
    """A lake. Paths and parameters are those of the API; errors are those of `spectraldb.errors`.

    A backend is thread-safe.
    """

    def json(self, path: str, pairs: Pairs) -> dict[str, Any]:
        """Return the JSON response of an endpoint.

        In a response to a search whose units exclude products, `excluded` is the note on these.
        """

    def batches(self, path: str, pairs: Pairs) -> pa.RecordBatchReader:
        """Return all rows of an endpoint as a stream of Arrow batches."""

    def match(self, body: Mapping[str, object]) -> pa.RecordBatchReader:
        """Return the products or spectra around many positions."""

    def arrays(self, pairs: Pairs) -> RetrievedArrays:
        """Return the arrays of a product, or of a part of it."""

    def file(self, pairs: Pairs) -> Iterator[bytes]:
        """Yield the FITS file of a product in chunks."""

    def url(self, path: str, pairs: Pairs) -> str:
        """Return the URL of a request."""

    def close(self) -> None:
        """Close the connections or the lake."""


def group_slits(named: Iterator[tuple[str, NDArray[Any]]]) -> dict[str, Values]:
    """Return arrays by name, with those of slits (``flux.0``, ``flux.1``, ...) as lists."""
    values: dict[str, Values] = {}
    for name, array in named:
        base, dot, _ = name.partition(".")
        if not dot:
            values[name] = array
            continue
        slits = values.setdefault(base, [])
        assert isinstance(slits, list)  # noqa: S101 - a name has one of the two forms
        slits.append(np.asarray(array))
    return values
