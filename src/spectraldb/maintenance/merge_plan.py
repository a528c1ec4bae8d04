"""Selection of the files of a table that compaction merges or rewrites."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from spectraldb.lake.table_files import TableFile

MAX_ROWS = 64_000_000
"""Maximum number of rows of a merged file."""

MIN_SHARE = 4
"""A file is merged with smaller ones if these have at least one fourth of its rows in total.

This limits how often a row is rewritten if small files are added frequently.
"""


@dataclass(frozen=True)
class MergeGroup:
    """Files of one product type to merge into one."""

    product_type: str
    files: list[TableFile]
    """The files, sorted by their lowest product number."""
    orphans: frozenset[int]
    """Numbers of the products whose rows are dropped."""

    @property
    def rows(self) -> int:
        """Number of rows to read."""
        return sum(file.rows for file in self.files)


def plan_merges(
    files: Iterable[TableFile], orphans_in: Callable[[TableFile], frozenset[int]]
) -> Iterator[MergeGroup]:
    """Yield groups of files to rewrite: small files, and files with orphans.

    Parameters
    ----------
    files
        All files of a table.
    orphans_in
        Returns the numbers of the products in a file that are in no available version.
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
    """Yield groups of files to merge; `files` is sorted by number of rows."""
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
