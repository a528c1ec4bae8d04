"""Which files of a table are to be merged, and which only need a segment."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from spectraldb.lake.lake import HeldFile

FULL_ROWS = 16_000_000
"""Files are merged up to so many rows."""

SMALL = 0.5
"""A file of less than this share of a full one is small."""


@dataclass(frozen=True)
class Group:
    """Files of one product type that become one."""

    product_type: str
    files: list[HeldFile]
    dead: frozenset[int]
    """Products whose rows are left out."""

    @property
    def rows(self) -> int:
        """How many rows there are to read."""
        return sum(file.rows for file in self.files)


def groups(
    files: Iterable[HeldFile], dead: Callable[[HeldFile], frozenset[int]]
) -> Iterator[Group]:
    """Yield the groups of files that are worth writing anew: several small ones, or dead rows.

    Parameters
    ----------
    files
        All files of a table.
    dead
        Tells the products whose rows in a file nothing can see any more.
    """
    by_type: dict[str, list[HeldFile]] = {}
    for file in sorted(files, key=lambda file: file.low):
        by_type.setdefault(file.product_type, []).append(file)
    for product_type, of_type in by_type.items():
        waiting: list[HeldFile] = []
        gone: set[int] = set()
        for file in of_type:
            of_file = dead(file)
            if not of_file and file.rows >= SMALL * FULL_ROWS:
                continue
            if waiting and sum(f.rows for f in waiting) + file.rows > FULL_ROWS:
                yield from _worthwhile(product_type, waiting, gone)
                waiting, gone = [], set()
            waiting.append(file)
            gone |= of_file
        yield from _worthwhile(product_type, waiting, gone)


def _worthwhile(product_type: str, files: list[HeldFile], dead: set[int]) -> Iterator[Group]:
    if len(files) > 1 or dead:
        yield Group(product_type, files, frozenset(dead))
