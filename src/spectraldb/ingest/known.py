"""What the lake holds already, and which product a file is."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spectraldb.lake.checksum import checksum
from spectraldb.products.names import LOCAL_PREFIX, local_uri, mast_uri, parse_level3

Row = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """A file to take: what it would be called, and what the lake holds of it."""

    path: Path
    uri: str
    product_id: int
    held: Row | None
    """The product row of that URI."""


class Known:
    """The product rows of the lake, by URI, by place and by name."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._by_uri = {row["uri"]: row for row in rows}
        self._by_place = {row["location"]: row for row in self._by_uri.values()}
        self._local: dict[str, list[Row]] = {}
        for row in self._by_uri.values():
            if row["uri"].startswith(LOCAL_PREFIX):
                self._local.setdefault(row["fileName"], []).append(row)

    def task(self, path: Path, product_id: int) -> Task:
        """Return what is known of a file.

        A level-3 name is the product, wherever the file lies.  Of any other name the place is
        the product; where nothing is known of the place, it may be a file that was moved.

        Raises
        ------
        OSError
            If the file has to be read for that, and cannot be.
        """
        if parse_level3(path.name):
            uri = mast_uri(path.name)
            return Task(path, uri, product_id, self._by_uri.get(uri))
        held = self._by_place.get(str(path)) or self._moved_here(path)
        uri = held["uri"] if held else self._new_uri(path)
        return Task(path, uri, product_id, held)

    def superseded(self, rows: Iterable[Row]) -> list[str]:
        """Return the places that products were at and, by these new rows, no longer are."""
        before = ((self._by_uri.get(row["uri"]), row) for row in rows)
        return [
            old["location"] for old, row in before if old and old["location"] != row["location"]
        ]

    def _moved_here(self, path: Path) -> Row | None:
        """Return the product of that name and those bytes whose own file is gone; only once."""
        rows = self._local.get(path.name, [])
        lost = [row for row in rows if not is_there(Path(row["location"]))]
        digest = checksum(path) if lost else ""
        for row in lost:
            if row["checksum"] == digest:
                rows.remove(row)
                return row
        return None

    def _new_uri(self, path: Path) -> str:
        """Return a URI that no other file has; one that was here and moved keeps its own."""
        attempt = 0
        while (uri := local_uri(path, attempt)) in self._by_uri:
            attempt += 1
        return uri


def is_there(path: Path) -> bool:
    """Tell whether a file is there; one in a folder that may not be entered is not."""
    try:
        return path.exists()
    except OSError:
        return False
