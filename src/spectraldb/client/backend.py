"""What the client asks of whoever has the lake: a server, or this process."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from spectraldb.client.parameters import Pairs

Values = NDArray[Any] | list[NDArray[Any]]
"""An array, or several where a file has several slits."""

API = "/spectra/api/v0.1"


@dataclass(frozen=True)
class Arrays:
    """The answer of a retrieval."""

    head: dict[str, Any]
    """What the API's JSON says besides `data`."""
    values: dict[str, Values]


class Backend(Protocol):
    """Who answers.  Paths and parameters are those of the API; errors are `spectraldb.errors`."""

    def json(self, path: str, pairs: Pairs) -> dict[str, Any]:
        """Return the JSON answer of an endpoint."""

    def batches(self, path: str, pairs: Pairs) -> pa.RecordBatchReader:
        """Return the whole answer of an endpoint as a stream of Arrow batches."""

    def match(self, body: Mapping[str, object]) -> pa.RecordBatchReader:
        """Return what lies around many positions."""

    def arrays(self, pairs: Pairs) -> Arrays:
        """Return the arrays of a product, or of a part of it."""

    def file(self, pairs: Pairs) -> Iterator[bytes]:
        """Yield the FITS file of a product."""

    def url(self, path: str, pairs: Pairs) -> str:
        """Return the address of an answer."""

    def close(self) -> None:
        """Let go of connections, or of the lake."""


def gathered(named: Iterator[tuple[str, NDArray[Any]]]) -> dict[str, Values]:
    """Return arrays by name; those of several slits, ``flux.0`` and on, as lists."""
    values: dict[str, Values] = {}
    for name, array in named:
        base, dot, _ = name.partition(".")
        if not dot:
            values[name] = array
            continue
        slits = values.setdefault(base, [])
        assert isinstance(slits, list)  # noqa: S101 - a name is of one form or of the other
        slits.append(np.asarray(array))
    return values
