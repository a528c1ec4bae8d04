"""Match files with the products in the lake."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from spectraldb.errors import RefusedError
from spectraldb.lake.copies import is_copy
from spectraldb.lake.record import ProductRecord
from spectraldb.products.names import LOCAL_PREFIX, PART, local_uri, mast_uri, parse_level3
from spectraldb.storage.source import Source, Sources
from spectraldb.storage.store import Store


@dataclass(frozen=True)
class IngestTask:
    """A file to ingest, and its product in the lake, if any."""

    source: Source
    uri: str
    """URI of the product."""
    product_id: int
    """The `productId` of the rows that the ingest writes."""
    existing: ProductRecord | None
    """The product with this URI in the lake."""
    existing_source: Source | None = None
    """The file of the existing product."""
    others: tuple[ProductRecord, ...] = ()
    """Further products of the same file in the lake."""
    layout: str | None = None
    """Name of the layout of the file; None to find it."""


class Inventory:
    """Index of the products in the lake by URI, location and file name.

    Not thread-safe.

    Parameters
    ----------
    products
        All products in the lake.
    sources
        Access to the files of the products.
    store
        Store of the lake.
    """

    def __init__(self, products: Iterable[ProductRecord], sources: Sources, store: Store) -> None:
        self._sources = sources
        self._store = store
        self._by_uri = {product.uri: product for product in products}
        main = [product for product in self._by_uri.values() if PART not in product.uri]
        self._by_location = {product.location: product for product in main}
        self._parts: dict[str, list[ProductRecord]] = {}
        for product in self._by_uri.values():
            if PART in product.uri:
                self._parts.setdefault(product.uri.split(PART)[0], []).append(product)
        self._by_checksum = {product.checksum: product for product in main}
        self._local_by_name: dict[str, list[ProductRecord]] = {}
        for product in main:
            if product.uri.startswith(LOCAL_PREFIX):
                self._local_by_name.setdefault(product.file_name, []).append(product)

    def task(self, source: Source, product_id: int) -> IngestTask:
        """Return the task to ingest a file.

        A file with a level-3 name belongs to the product of that name, in any location.  Any other
        file is identified by its location.  If no product has this location, the file may have
        been moved, so it is compared with the products of the same file name whose file is
        missing.

        Raises
        ------
        OSError
            If the file must be read for this comparison, and cannot be read.
        RefusedError
            If the file may have been moved, but this cannot be determined now.
        """
        if parse_level3(source.name):
            uri = mast_uri(source.name)
            existing = self._by_uri.get(uri)
        else:
            uri, copied = self._local_uri(source.location)
            existing = self._by_location.get(source.location) or copied or self._moved(source)
            uri = existing.uri if existing else uri
        existing_source = self._sources.of(existing.location) if existing else None
        others = tuple(self._parts.get(uri, ()))
        return IngestTask(source, uri, product_id, existing, existing_source, others)

    def update(self, committed: Iterable[ProductRecord]) -> list[str]:
        """Add committed products, and return the locations that no product uses any longer."""
        new = {product.uri: product for product in committed}
        before = {old.location for uri in new if (old := self._by_uri.get(uri))}
        self._by_uri |= new
        self._by_checksum |= {p.checksum: p for p in new.values() if PART not in p.uri}
        # Files with the same name and content share one copy.
        return sorted(before - {product.location for product in self._by_uri.values()})

    def is_new_local(self, product: ProductRecord) -> bool:
        """Return whether a product has a local URI that is not in the lake."""
        return product.uri not in self._by_uri and product.uri.startswith(LOCAL_PREFIX)

    def same_bytes(self, product: ProductRecord) -> ProductRecord | None:
        """Return another product with the bytes of a new local one and a readable file, or None.

        Level-3 names identify products of the archive, so these are never duplicates of others.
        """
        same = self._by_checksum.get(product.checksum)
        if not self.is_new_local(product) or same is None or same.uri == product.uri.split(PART)[0]:
            return None
        return same if self._is_present(same) else None

    def _is_present(self, product: ProductRecord) -> bool:
        """Return whether the file of a product can be read."""
        try:
            return self._sources.of(product.location).exists()
        except OSError:
            return False

    def _moved(self, source: Source) -> ProductRecord | None:
        """Return a product of this name and content whose file is missing; each only once."""
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
            return False  # the file of another user, in a folder that is not accessible
        except OSError as error:
            raise RefusedError(
                f"The file may have been moved, which cannot be checked now: {error}"
            ) from error

    def _local_uri(self, location: str) -> tuple[str, ProductRecord | None]:
        """Return the URI of a local file, and the product that was copied from there, if any.

        A product keeps its URI when its file is moved, so a new file at the old location gets
        another URI.
        """
        uris = (local_uri(location, attempt) for attempt in count())
        products = ((uri, self._by_uri.get(uri)) for uri in uris)
        return next(
            (uri, product)
            for uri, product in products
            if product is None or is_copy(self._store, product.location)
        )
