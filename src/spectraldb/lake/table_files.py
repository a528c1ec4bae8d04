"""The data files in the log of a table, and the actions that change them."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.transaction import AddAction, RemoveAction

from spectraldb.lake.data_files import DataFile
from spectraldb.lake.layout import PARTITION


@dataclass(frozen=True)
class TableFile:
    """A data file of a table."""

    path: str
    """Relative to the folder of its table."""
    product_type: str
    size: int
    """In bytes."""
    rows: int
    """Number of rows."""
    min_id: int
    """Lowest productId in the file."""
    max_id: int
    """Highest productId in the file."""
    added: float
    """Time of the commit that added it, in seconds since 1970."""


def list_table_files(table: DeltaTable) -> list[TableFile]:
    """Return the current files of SpectralCharacteristics or SpectralPixel."""
    table.update_incremental()
    return [
        TableFile(
            path=unquote(action["path"]),
            product_type=action[f"partition.{PARTITION}"],
            size=action["size_bytes"],
            rows=action["num_records"],
            min_id=action["min.productId"],
            max_id=action["max.productId"],
            added=action["modification_time"] / 1000,
        )
        for action in pa.table(table.get_add_actions(flatten=True)).to_pylist()
    ]


def list_replaced_files(table: DeltaTable, grace: float) -> set[str]:
    """Return the paths of files that were removed from a table but may still exist.

    Parameters
    ----------
    table
        The table.
    grace
        Minimum time since the removal in seconds, rounded up to hours for Delta.
    """
    table.update_incremental()
    hours = math.ceil(grace / 3600)
    paths = table.vacuum(hours, dry_run=True, enforce_retention_duration=False, full=False)
    return {unquote(path) for path in paths}


def add_actions(files: Sequence[DataFile], *, data_change: bool) -> list[AddAction]:
    """Return the actions that add files to a table."""
    now = _milliseconds()
    return [
        AddAction(
            file.path,
            file.size,
            {PARTITION: file.product_type},
            modification_time=now,
            data_change=data_change,
            stats=file.stats,
        )
        for file in files
    ]


def remove_actions(files: Sequence[TableFile], *, data_change: bool) -> list[RemoveAction]:
    """Return the actions that remove files from a table."""
    now = _milliseconds()
    return [
        RemoveAction(
            file.path,
            data_change=data_change,
            deletion_timestamp=now,
            size=file.size,
            partition_values={PARTITION: file.product_type},
        )
        for file in files
    ]


def _milliseconds() -> int:
    return int(time.time() * 1000)
