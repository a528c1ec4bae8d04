"""Which files of a table are to be merged, and which only need a segment."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from spectraldb.lake.table_files import TableFile

FULL_ROWS = 64_000_000
"""Files are merged up to so many rows."""

WORTH = 4
"""A file is merged with smaller ones that have at least one row to so many of its own.

So a row is written anew a few times in its life, however often a few new ones come.
"""


@dataclass(frozen=True)
class Group:
    """Files of one product type that become one."""

    product_type: str
    files: list[TableFile]
    dead: frozenset[int]
    """Products whose rows are left out."""

    @property
    def rows(self) -> int:
        """How many rows there are to read."""
        return sum(file.rows for file in self.files)


def groups(
    files: Iterable[TableFile], dead: Callable[[TableFile], frozenset[int]]
) -> Iterator[Group]:
    """Yield the groups of files that are worth writing anew: several small ones, or dead rows.

    Parameters
    ----------
    files
        All files of a table.
    dead
        Tells the products whose rows in a file nothing can see any more.
    """
    by_type: dict[str, list[TableFile]] = {}
    for file in files:
        by_type.setdefault(file.product_type, []).append(file)
    for product_type, of_type in by_type.items():
        gone = {file.path: dead(file) for file in of_type}
        for some in _parted(sorted(of_type, key=lambda file: file.rows), gone):
            if len(some) > 1 or gone[some[0].path]:
                in_order = sorted(some, key=lambda file: file.min_id)
                yield Group(
                    product_type, in_order, frozenset().union(*(gone[f.path] for f in some))
                )


def _parted(
    files: list[TableFile], gone: Mapping[str, frozenset[int]]
) -> Iterator[list[TableFile]]:
    """Yield files, from small to large, parted into those that become one."""
    some: list[TableFile] = []
    for file in files:
        rows = sum(f.rows for f in some)
        worth = file.rows <= WORTH * rows or bool(gone[file.path])
        if some and (rows + file.rows > FULL_ROWS or not worth):
            yield some
            some = []
        some.append(file)
    if some:
        yield some
