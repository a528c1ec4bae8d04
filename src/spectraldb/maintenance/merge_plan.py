"""The files of a table that compaction merges or rewrites."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from spectraldb.lake.table_files import TableFile

MAX_ROWS = 64_000_000
"""Files are merged up to so many rows."""

MIN_SHARE = 4
"""A file is merged with smaller ones if these have at least a quarter of its rows.

So a row is rewritten only a few times, however often a few new ones are added.
"""


@dataclass(frozen=True)
class MergeGroup:
    """Files of one product type that become one."""

    product_type: str
    files: list[TableFile]
    """In the order of their lowest product numbers."""
    orphans: frozenset[int]
    """The numbers of the products whose rows are dropped."""

    @property
    def rows(self) -> int:
        """Number of rows to read."""
        return sum(file.rows for file in self.files)


def plan_merges(
    files: Iterable[TableFile], orphans_in: Callable[[TableFile], frozenset[int]]
) -> Iterator[MergeGroup]:
    """Yield the groups of files that are worth rewriting: small ones, or those with orphans.

    Parameters
    ----------
    files
        All files of a table.
    orphans_in
        Returns the numbers of the products in a file that no version has.
    """
    by_type: dict[str, list[TableFile]] = {}
    for file in files:
        by_type.setdefault(file.product_type, []).append(file)
    for product_type, of_type in by_type.items():
        orphans = {file.path: orphans_in(file) for file in of_type}
        for group in _groups(sorted(of_type, key=lambda file: file.rows), orphans):
            if len(group) > 1 or orphans[group[0].path]:
                in_order = sorted(group, key=lambda file: file.min_id)
                dropped = frozenset().union(*(orphans[file.path] for file in group))
                yield MergeGroup(product_type, in_order, dropped)


def _groups(
    files: list[TableFile], orphans: Mapping[str, frozenset[int]]
) -> Iterator[list[TableFile]]:
    """Yield files, from small to large, in groups that become one file each."""
    group: list[TableFile] = []
    for file in files:
        rows = sum(each.rows for each in group)
        is_worth_it = file.rows <= MIN_SHARE * rows or bool(orphans[file.path])
        if group and (rows + file.rows > MAX_ROWS or not is_worth_it):
            yield group
            group = []
        group.append(file)
    if group:
        yield group
