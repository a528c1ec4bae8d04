"""The products of one version of the lake, indexed by URI and by file name.

Retrievals look up products in this catalogue, because a query on an engine would take longer than
reading the pixels of the product.
"""

import difflib
from collections.abc import Collection
from functools import cached_property

import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.lake.product_table import ProductTable, values_at
from spectraldb.lake.record import ProductRecord

MAX_COMPARED = 20_000
"""Maximum number of file names to compare with a misspelt one."""


class Catalogue:
    """The products of one version of the lake.

    Thread-safe: indices are built on first use without a lock; if two threads build one at the
    same time, the results are equal.

    Parameters
    ----------
    rows
        All rows of DataProduct, sorted by productId.
    """

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows
        self.table = ProductTable(rows)
        self._units: dict[tuple[str, frozenset[str] | None], list[str]] = {}

    def all(self) -> list[ProductRecord]:
        """Return all products, sorted by productId, which is the order of their ingest."""
        return [ProductRecord(row) for row in self._rows.to_pylist()]

    def by_uri(self, uri: str) -> ProductRecord | None:
        """Return the product with a URI, or None."""
        index = self._uris.get(uri)
        return None if index is None else self._record(index)

    def by_file_name(self, file_name: str) -> list[ProductRecord]:
        """Return the products with a file name, which several local files may share."""
        return [self._record(index) for index in self._file_names.get(file_name, ())]

    def nearest(self, text: str) -> str | None:
        """Return the URI of the product whose file name is most similar to a text, or None."""
        wanted = text.rsplit("/", 1)[-1].lower()
        names = {name.lower(): name for name in self._file_names}
        near = difflib.get_close_matches(wanted, list(names)[:MAX_COMPARED], n=1, cutoff=0.85)
        return self.by_file_name(names[near[0]])[0].uri if near else None

    def units(self, name: str, product_types: Collection[str] | None = None) -> list[str]:
        """Return the distinct units in a column, of all products or only of some product types."""
        types = None if product_types is None else frozenset(product_types)
        if (name, types) not in self._units:
            units = self.table.column(name)
            if types is not None:
                units = values_at(units, self._index_of(types))
            self._units[name, types] = sorted(filter(None, units.unique().to_pylist()))
        return self._units[name, types]

    def id_ranges(self, product_types: Collection[str], n_pixels: int) -> list[tuple[int, int]]:
        """Return ascending closed ranges of productId with at least `n_pixels` pixels each.

        The last range may have fewer.
        """
        index = self._index_of(product_types)
        ranges: list[tuple[int, int]] = []
        n_in_range = n_pixels
        for product_id, n_stored in zip(
            *(self.table.values(name, index).to_pylist() for name in ("productId", "nStored")),
            strict=True,
        ):
            if n_in_range >= n_pixels:
                ranges.append((product_id, product_id))
                n_in_range = 0
            ranges[-1] = (ranges[-1][0], product_id)
            n_in_range += n_stored
        return ranges

    def _index_of(self, product_types: Collection[str]) -> Array:
        return self.table.rows_with_text("productType", product_types)

    def _record(self, index: int) -> ProductRecord:
        return ProductRecord(self._rows.slice(index, 1).to_pylist()[0])

    @cached_property
    def _uris(self) -> dict[str, int]:
        return {uri: i for i, uri in enumerate(self._rows["uri"].to_pylist())}

    @cached_property
    def _file_names(self) -> dict[str, list[int]]:
        """The rows of each file name; compressed files are also listed without ``.gz``."""
        names: dict[str, list[int]] = {}
        for i, name in enumerate(self._rows["fileName"].to_pylist()):
            names.setdefault(name, []).append(i)
            if name.endswith(".gz"):
                names.setdefault(name.removesuffix(".gz"), []).append(i)
        return names
