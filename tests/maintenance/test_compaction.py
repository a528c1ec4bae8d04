"""Compaction writes the rows of a group to one file, in order and without orphans."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spectraldb.cancellation import NEVER, Cancellation, Cancelled
from spectraldb.lake.lake import Lake
from spectraldb.maintenance.compaction import compact
from spectraldb.maintenance.merge_plan import MergeGroup
from spectraldb.maintenance.progress import Progress, Step, Task
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store
from tests.support.rows import pixel_rows, write_rows

PRODUCTS = {1: [1.0, 2.0], 2: [3.0], 3: [4.0, 5.0, 6.0]}


@pytest.fixture
def group(store: Store) -> MergeGroup:
    """Return a group of files with one product each."""
    lake = Lake(store, create=True)
    rows = {number: pixel_rows(number, wavelengths) for number, wavelengths in PRODUCTS.items()}
    lake.commit([write_rows(store, Table.PIXEL, each) for each in rows.values()], [])
    files = sorted(lake.table_files(Table.PIXEL), key=lambda file: file.min_id)
    return MergeGroup("x1d", files, frozenset())


def task(steps: list[Step], cancel: Cancellation = NEVER) -> Task:
    return Progress(steps.append, cancel, NEVER).task("merging", 6)


def with_orphans(group: MergeGroup, *numbers: int) -> MergeGroup:
    return MergeGroup(group.product_type, group.files, frozenset(numbers))


def rows_of(store: Store, path: str) -> pa.Table:
    file = store.folder / Table.PIXEL.value / path
    store.localize([file])
    return pq.ParquetFile(file).read()


@pytest.mark.parametrize("orphans", [(), (2,), (1, 3)])
def test_rows_in_order_without_orphans(
    store: Store, group: MergeGroup, orphans: tuple[int, ...]
) -> None:
    steps: list[Step] = []
    (new,) = compact(store, Table.PIXEL, with_orphans(group, *orphans), task(steps))
    expected = [pixel_rows(n, PRODUCTS[n]) for n in PRODUCTS if n not in orphans]
    assert rows_of(store, new.path).equals(pa.concat_tables(expected, promote_options="none"))
    assert new.rows == sum(map(len, expected)) == sum(step.rows for step in steps)
    assert rows_of(store, new.path).schema.equals(SCHEMAS[Table.PIXEL])


def test_files_of_orphans_only_leave_no_file(store: Store, group: MergeGroup) -> None:
    before = data_files(store)
    assert compact(store, Table.PIXEL, with_orphans(group, 1, 2, 3), task([])) == []
    assert data_files(store) == before


def test_a_cancelled_compaction_leaves_nothing(store: Store, group: MergeGroup) -> None:
    before = data_files(store)
    with pytest.raises(Cancelled):
        compact(store, Table.PIXEL, group, task([], Cancellation(lambda: True)))
    assert data_files(store) == before


def data_files(store: Store) -> set[Path]:
    folder = store.folder / Table.PIXEL.value
    return {path for path in folder.rglob("*") if path.is_file() and ".parquet" in path.name}
