"""What the lake holds already, and which product a file is."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spectraldb.products.names import local_uri, mast_uri, parse_level3

Row = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """A file to take: what it would be called, and what the lake holds of it."""

    path: Path
    uri: str
    product_id: int
    held: Row | None
    """The product row of that URI."""
    lost: tuple[Row, ...] = ()
    """Rows of files of that name that are no longer in their place; it may be one of them."""


class Known:
    """The product rows of the lake, by URI, by place and by name."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._by_uri = {row["uri"]: row for row in rows}
        self._by_place = {row["location"]: row for row in self._by_uri.values()}
        self._local: dict[str, list[Row]] = {}
        for row in self._by_uri.values():
            if row["uri"].startswith("local:"):
                self._local.setdefault(row["fileName"], []).append(row)

    def task(self, path: Path, product_id: int) -> Task:
        """Return what is known of a file.

        A level-3 name is the product, wherever the file lies.  Of any other name the place is
        the product; where nothing is known of the place, it may be a file that was moved.
        """
        if parse_level3(path.name):
            uri = mast_uri(path.name)
            return Task(path, uri, product_id, self._by_uri.get(uri))
        held = self._by_place.get(str(path))
        uri = held["uri"] if held else local_uri(path)
        lost = () if held else tuple(self._lost(path.name))
        return Task(path, uri, product_id, held or self._by_uri.get(uri), lost)

    def superseded(self, rows: Iterable[Row]) -> list[str]:
        """Return the places that products were at and, by these new rows, no longer are."""
        before = ((self._by_uri.get(row["uri"]), row) for row in rows)
        return [
            old["location"] for old, row in before if old and old["location"] != row["location"]
        ]

    def _lost(self, file_name: str) -> Iterable[Row]:
        return (row for row in self._local.get(file_name, []) if not Path(row["location"]).exists())
