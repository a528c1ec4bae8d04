"""The files that commits added to a table, read from its log."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from spectraldb.lake.layout import commit_file
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store

MAX_COMMITS = 200
"""Maximum number of commits to read one by one; for more, reading the whole table is faster."""


@dataclass(frozen=True)
class Additions:
    """Files that were added to a table by commits that removed none."""

    actions: list[dict[str, Any]]
    """The add actions of the Delta log."""

    @property
    def paths(self) -> list[str]:
        """Their paths, as in the log: relative and escaped."""
        return [action["path"] for action in self.actions]

    @property
    def flattened(self) -> pa.Table:
        """The paths, minima and maxima, in the columns of deltalake's flattened add actions."""
        rows = [_flatten(action) for action in self.actions]
        names = dict.fromkeys(name for row in rows for name in row)
        return pa.table({name: [row.get(name) for row in rows] for name in names})


def read_additions(store: Store, table: Table, first: int, last: int) -> Additions | None:
    """Return the files that some commits added; None if this is not all that they did.

    Parameters
    ----------
    store
        The files of the lake.
    table
        The table.
    first, last
        Versions of the first and the last commit.
    """
    if last - first >= MAX_COMMITS:
        return None
    logs = (store.get(commit_file(table, version)) for version in range(first, last + 1))
    try:
        actions = [json.loads(line) for log in logs for line in log.splitlines()]
    except FileNotFoundError:
        return None  # a checkpoint has replaced the commits
    if not all(_is_addition(action) for action in actions):
        return None
    return Additions([action["add"] for action in actions if "add" in action])


def _is_addition(action: Iterable[str]) -> bool:
    return {"add", "commitInfo", "txn"}.issuperset(action)


def _flatten(action: dict[str, Any]) -> dict[str, Any]:
    stats = json.loads(action.get("stats") or "{}")
    low = {f"min.{name}": value for name, value in stats.get("minValues", {}).items()}
    high = {f"max.{name}": value for name, value in stats.get("maxValues", {}).items()}
    return {"path": action["path"], **low, **high}
