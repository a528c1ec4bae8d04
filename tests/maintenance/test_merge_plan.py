"""The merge plan: merge small files, rarely rewrite large ones, always those with orphans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.lake.table_files import TableFile
from spectraldb.maintenance import merge_plan
from spectraldb.maintenance.merge_plan import MAX_ROWS, MergeGroup, plan_merges
from tests.maintenance.lakes import table_file

Orphans = dict[str, frozenset[int]]


def plan(files: list[TableFile], orphans: Orphans | None = None) -> list[MergeGroup]:
    found = orphans or {}
    return list(plan_merges(files, lambda file: found.get(file.path, frozenset())))


def paths(groups: list[MergeGroup]) -> list[list[str]]:
    return [[file.path for file in group.files] for group in groups]


def test_small_files_are_merged_in_the_order_of_their_products() -> None:
    files = [
        table_file("a", 10, 3),
        table_file("b", 10, 1),
        table_file("c", 30, 2),
        table_file("d", 5, 9, "s3d"),
    ]
    (group,) = plan(files)
    assert paths([group]) == [["b", "c", "a"]]
    assert (group.product_type, group.rows, group.orphans) == ("x1d", 50, frozenset())


def test_product_types_are_not_merged() -> None:
    files = [table_file(kind + str(i), 10, i, kind) for kind in ("x1d", "s3d") for i in (1, 2)]
    assert paths(plan(files)) == [["x1d1", "x1d2"], ["s3d1", "s3d2"]]


def test_a_large_file_is_not_rewritten_for_few_rows() -> None:
    files = [table_file("a", 1_000_000, 1), table_file("b", 10, 2), table_file("c", 12, 3)]
    assert paths(plan(files)) == [["b", "c"]]


def test_files_are_merged_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_plan, "MAX_ROWS", 100)
    files = [table_file(name, 40, i) for i, name in enumerate("abcde")]
    assert paths(plan(files)) == [["a", "b"], ["c", "d"]]


def test_files_with_orphans_are_rewritten() -> None:
    files = [table_file("a", 1_000_000, 1), table_file("b", 10, 2)]
    (group,) = plan(files, {"a": frozenset({8})})
    assert (paths([group]), group.orphans) == ([["a", "b"]], frozenset({8}))
    assert paths(plan(files[:1], {"a": frozenset({8})})) == [["a"]]


def test_nothing_to_merge() -> None:
    assert plan([]) == []
    assert plan([table_file("a", 10, 1), table_file("b", 10, 2, "s3d")]) == []


@given(
    rows=st.lists(st.integers(1, MAX_ROWS // 2), max_size=12),
    with_orphans=st.sets(st.integers(0, 11)),
)
def test_every_plan(rows: list[int], with_orphans: set[int]) -> None:
    files = [table_file(str(i), n, 100 - i) for i, n in enumerate(rows)]
    orphans = {str(i): frozenset({i}) for i in with_orphans if i < len(files)}
    groups = plan(files, orphans)
    planned = [file for group in groups for file in group.files]
    assert len(planned) == len({file.path for file in planned})
    assert orphans.keys() <= {file.path for file in planned}
    for group in groups:
        assert group.rows <= MAX_ROWS
        assert len(group.files) > 1 or group.orphans
        assert [file.min_id for file in group.files] == sorted(file.min_id for file in group.files)
        assert group.orphans == frozenset().union(
            *(orphans.get(file.path, frozenset()) for file in group.files)
        )


def test_a_row_is_rewritten_rarely() -> None:
    """Add a thousand files one by one, and optimize the lake after each."""
    files: list[TableFile] = []
    rewritten = 0
    for number in range(1000):
        files.append(table_file(f"new{number}", 1000, number))
        for group in plan(files):
            rewritten += group.rows
            merged_paths = {file.path for file in group.files}
            files = [file for file in files if file.path not in merged_paths]
            merged = table_file(f"merged{number}", group.rows, group.files[0].min_id)
            files.append(merged)
    assert rewritten / 1_000_000 < 12
    assert len(files) < 12
