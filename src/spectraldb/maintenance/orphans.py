"""Which files may hold rows of products that no version has any more, by what the log tells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.arrays import Array
from spectraldb.lake.lake import HeldFile
from spectraldb.schema.tables import Table

ROWS = {Table.SPECTRUM: "nSpectra", Table.PIXEL: "nStored"}
"""The column of DataProduct that tells how many rows of a table a product has."""


@dataclass(frozen=True)
class Living:
    """The products of one type that some version has, and how many rows of a table are theirs."""

    numbers: Array
    """In order, shape (products,)."""
    rows: Array
    """Of all products before each, and of all; shape (products + 1,)."""

    @classmethod
    def of(cls, kept: pa.Table, table: Table, product_type: str) -> "Living":
        """Return those among the kept products of a lake."""
        of_type = kept.filter(pc.equal(kept["productType"], product_type)).sort_by("productId")
        counts = of_type[ROWS[table]].to_numpy()
        return cls(of_type["productId"].to_numpy(), np.concatenate([[0], np.cumsum(counts)]))

    def rows_between(self, low: int, high: int) -> int:
        """Return how many rows the products of a range of numbers have."""
        first, last = (
            np.searchsorted(self.numbers, low),
            np.searchsorted(self.numbers, high, "right"),
        )
        return int(self.rows[last] - self.rows[first])


def suspects(files: Iterable[HeldFile], kept: pa.Table, table: Table) -> Iterator[HeldFile]:
    """Yield the files of a table that may hold rows of products that are not kept.

    The rows of a product are all in one file.  So the files whose numbers are in a range that no
    other file has a part of hold all rows of the products in it: if there are no more, none are of
    others.  A product that was committed after the files were looked up can hide dead rows, until
    the next time.
    """
    by_type: dict[str, list[HeldFile]] = {}
    for file in files:
        by_type.setdefault(file.product_type, []).append(file)
    for product_type, of_type in by_type.items():
        living = Living.of(kept, table, product_type)
        for some in _ranges(of_type):
            high = max(file.high for file in some)
            if sum(file.rows for file in some) != living.rows_between(some[0].low, high):
                yield from some


def _ranges(files: list[HeldFile]) -> Iterator[list[HeldFile]]:
    """Yield files together whose ranges of numbers have a part in common, the lowest first."""
    some: list[HeldFile] = []
    high = 0
    for file in sorted(files, key=lambda file: file.low):
        if some and file.low > high:
            yield some
            some = []
        high = max(high, file.high) if some else file.high
        some.append(file)
    if some:
        yield some
