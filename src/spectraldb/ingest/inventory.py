"""The products in the lake, and which of them a file is."""

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
class IngestTask:
    """A file to ingest, and the product in the lake that it is, if any."""

    source: Source
    uri: str
    """The URI of the product."""
    product_id: int
    """The number of the product, if it is ingested."""
    existing: ProductRecord | None
    """The product of that URI in the lake."""
    existing_source: Source | None = None
    """Its file."""


class Inventory:
    """The products in the lake, by URI, by location and by file name.

    It is used by one thread.

    Parameters
    ----------
    products
        All products.
    sources
        Access to their files.
    store
        The files of the lake.
    """

    def __init__(self, products: Iterable[ProductRecord], sources: Sources, store: Store) -> None:
        self._sources = sources
        self._store = store
        self._by_uri = {product.uri: product for product in products}
        self._by_location = {product.location: product for product in self._by_uri.values()}
        self._local_by_name: dict[str, list[ProductRecord]] = {}
        for product in self._by_uri.values():
            if product.uri.startswith(LOCAL_PREFIX):
                self._local_by_name.setdefault(product.file_name, []).append(product)

    def task(self, source: Source, product_id: int) -> IngestTask:
        """Return the task to ingest a file.

        A file with a level-3 name is the product of that name, wherever it is.  Any other file is
        identified by its location; if no product has the location, it may be a file that was
        moved.

        Raises
        ------
        OSError
            If the file has to be read for that, and cannot be.
        RefusedError
            If it may be a file that was moved, and whether it was cannot be determined now.
        """
        if parse_level3(source.name):
            uri = mast_uri(source.name)
            existing = self._by_uri.get(uri)
        else:
            uri, copied = self._local_uri(source.location)
            existing = self._by_location.get(source.location) or copied or self._moved(source)
            uri = existing.uri if existing else uri
        existing_source = self._sources.of(existing.location) if existing else None
        return IngestTask(source, uri, product_id, existing, existing_source)

    def update(self, committed: Iterable[ProductRecord]) -> list[str]:
        """Add committed products, and return the locations that no product has any more."""
        new = {product.uri: product for product in committed}
        before = {old.location for uri in new if (old := self._by_uri.get(uri))}
        self._by_uri |= new
        # Files of the same bytes and name share their copy.
        return sorted(before - {product.location for product in self._by_uri.values()})

    def _moved(self, source: Source) -> ProductRecord | None:
        """Return a product of the same name and bytes whose file is missing; each only once."""
        products = self._local_by_name.get(source.name, [])
        missing = [product for product in products if self._is_missing(product)]
        digest = source.checksum() if missing else ""
        for product in missing:
            if product.checksum == digest:
                products.remove(product)
                return product
        return None

    def _is_missing(self, product: ProductRecord) -> bool:
        """Return whether the file of a product is missing, and not just unreachable."""
        try:
            return not self._sources.of(product.location).exists()
        except PermissionError:
            return False  # it belongs to another user, in a folder that this one may not enter
        except OSError as error:
            raise RefusedError(
                f"The file may have been moved, which cannot be checked now: {error}"
            ) from error

    def _local_uri(self, location: str) -> tuple[str, ProductRecord | None]:
        """Return the URI of a local file, and the product that was copied from there, if any.

        A product keeps its URI when its file is moved; another file in the same location then
        gets another URI.
        """
        uris = (local_uri(location, attempt) for attempt in count())
        products = ((uri, self._by_uri.get(uri)) for uri in uris)
        return next(
            (uri, product)
            for uri, product in products
            if product is None or is_copy(self._store, product.location)
        )
