"""The product rows of one version of the lake, found by URI or by file name.

A retrieval looks one product up; asking an engine for it would take longer than reading the
product's pixels.
"""

import difflib
from collections.abc import Collection
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.lake.product_columns import Products
from spectraldb.lake.record import ProductRecord

MOST_COMPARED = 20_000
"""How many names a wrong one is compared with."""


class Catalogue:
    """The rows of DataProduct.

    Parameters
    ----------
    rows
        All rows, in the order of ingest.
    """

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows
        self.products = Products(rows)

    def all(self) -> list[ProductRecord]:
        """Return every product."""
        return [ProductRecord(row) for row in self._rows.to_pylist()]

    def nearest(self, text: str) -> str | None:
        """Return the URI of the product whose file name is most like the end of a text."""
        wanted = text.rsplit("/", 1)[-1].lower()
        names = {name.lower(): name for name in self._file_names}
        near = difflib.get_close_matches(wanted, list(names)[:MOST_COMPARED], n=1, cutoff=0.85)
        return self.by_file_name(names[near[0]])[0].uri if near else None

    def units(self, name: str, product_types: Collection[str] | None = None) -> list[str]:
        """Return the units that a column of units holds, of all products or of some types."""
        rows = self._rows if product_types is None else self._rows.filter(self._of(product_types))
        return sorted(unit for unit in rows[name].unique().to_pylist() if unit)

    def ranges(self, product_types: Collection[str], pixels: int) -> list[tuple[int, int]]:
        """Return ranges of productId, in order, that hold about so many stored pixels each."""
        rows = self._rows.filter(self._of(product_types))
        ranges: list[tuple[int, int]] = []
        held = pixels
        for number, stored in zip(
            *(rows[n].to_pylist() for n in ("productId", "nStored")), strict=True
        ):
            if held >= pixels:
                ranges.append((number, number))
                held = 0
            ranges[-1] = (ranges[-1][0], number)
            held += stored
        return ranges

    def _of(self, product_types: Collection[str]) -> pa.Array:
        return pc.is_in(self._rows["productType"], pa.array(sorted(product_types), pa.string()))

    def by_uri(self, uri: str) -> ProductRecord | None:
        """Return the product of a URI."""
        index = self._uris.get(uri)
        return None if index is None else self._row(index)

    def by_file_name(self, file_name: str) -> list[ProductRecord]:
        """Return the products of a file name; one's own files often share one."""
        return [self._row(index) for index in self._file_names.get(file_name, ())]

    def _row(self, index: int) -> ProductRecord:
        return ProductRecord(self._rows.slice(index, 1).to_pylist()[0])

    @cached_property
    def _uris(self) -> dict[str, int]:
        return {uri: i for i, uri in enumerate(self._rows["uri"].to_pylist())}

    @cached_property
    def _file_names(self) -> dict[str, list[int]]:
        names: dict[str, list[int]] = {}
        for i, name in enumerate(self._rows["fileName"].to_pylist()):
            names.setdefault(name, []).append(i)
            if name.endswith(".gz"):
                names.setdefault(name.removesuffix(".gz"), []).append(i)
        return names
