"""What the lake holds already, and which product a file is."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from spectraldb.errors import RefusedError
from spectraldb.lake.copies import is_copy
from spectraldb.lake.record import ProductRecord
from spectraldb.products.names import LOCAL_PREFIX, local_uri, mast_uri, parse_level3
from spectraldb.storage.source import Source, Sources
from spectraldb.storage.store import Store


@dataclass(frozen=True)
class Task:
    """A file to take: what it would be called, and what the lake holds of it."""

    source: Source
    uri: str
    product_id: int
    held: ProductRecord | None
    """The product row of that URI."""
    held_source: Source | None = None
    """Where the lake has it."""


class Known:
    """The product rows of the lake, by URI, by place and by name."""

    def __init__(self, rows: Iterable[ProductRecord], sources: Sources, store: Store) -> None:
        self._sources = sources
        self._store = store
        self._by_uri = {row.uri: row for row in rows}
        self._by_place = {row.location: row for row in self._by_uri.values()}
        self._local: dict[str, list[ProductRecord]] = {}
        for row in self._by_uri.values():
            if row.uri.startswith(LOCAL_PREFIX):
                self._local.setdefault(row.file_name, []).append(row)

    def task(self, source: Source, product_id: int) -> Task:
        """Return what is known of a file.

        A level-3 name is the product, wherever the file lies.  Of any other name the place is
        the product; where nothing is known of the place, it may be a file that was moved.

        Raises
        ------
        OSError
            If the file has to be read for that, and cannot be.
        RefusedError
            If it may be a file that was moved, and it cannot be known now whether it was.
        """
        if parse_level3(source.name):
            uri = mast_uri(source.name)
            held = self._by_uri.get(uri)
            return Task(source, uri, product_id, held, self._source(held))
        uri, copied = self._uri_here(source.location)
        held = self._by_place.get(source.location) or copied or self._moved_here(source)
        return Task(source, held.uri if held else uri, product_id, held, self._source(held))

    def _source(self, held: ProductRecord | None) -> Source | None:
        return self._sources.of(held.location) if held else None

    def committed(self, rows: Iterable[ProductRecord]) -> list[str]:
        """Take note of new rows, and return the places at which no product is any more."""
        new = {row.uri: row for row in rows}
        before = {old.location for uri in new if (old := self._by_uri.get(uri))}
        self._by_uri |= new
        # Files of the same bytes and name share their copy.
        return sorted(before - {row.location for row in self._by_uri.values()})

    def _moved_here(self, source: Source) -> ProductRecord | None:
        """Return the product of that name and those bytes whose own file is gone; only once."""
        rows = self._local.get(source.name, [])
        lost = [row for row in rows if self._is_lost(row)]
        digest = source.checksum() if lost else ""
        for row in lost:
            if row.checksum == digest:
                rows.remove(row)
                return row
        return None

    def _is_lost(self, row: ProductRecord) -> bool:
        """Tell whether the file of a product is gone: a place that does not answer may have it."""
        try:
            return not self._sources.of(row.location).exists()
        except PermissionError:
            return False  # it is another's own, in a folder that may not be entered
        except OSError as error:
            raise RefusedError(f"it may be one that was moved: {error}") from error

    def _uri_here(self, location: str) -> tuple[str, ProductRecord | None]:
        """Return the URI of a place, and the product that was taken from it and copied, if any.

        One that was here and moved keeps its URI; the place then has another one.
        """
        uris = (local_uri(location, attempt) for attempt in count())
        rows = ((uri, self._by_uri.get(uri)) for uri in uris)
        return next(
            (uri, row) for uri, row in rows if not row or is_copy(self._store, row.location)
        )
