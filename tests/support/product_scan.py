"""The products of a lake and their spectra as rows: the oracle of product searches."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import pyarrow.parquet as pq

from spectraldb.service.service import Service

Row = dict[str, Any]


class ProductScan:
    """The products of a lake, each with the rows of its spectra."""

    def __init__(self, service: Service) -> None:
        files = [file for part in service.lake.snapshot().spectra.values() for file in part]
        self.products: list[Row] = [record.as_dict() for record in service.products()]
        self.by_product: dict[int, list[Row]] = {row["productId"]: [] for row in self.products}
        for file in files:
            for row in pq.ParquetFile(file).read().to_pylist():
                self.by_product[row["productId"]].append(row)
        self._values: dict[str, list[Any]] = {}

    @cached_property
    def spectra(self) -> list[Row]:
        """The rows of all spectra."""
        return [row for rows in self.by_product.values() for row in rows]

    def spectra_of(self, product: Row) -> list[Row]:
        """Return the rows of the spectra of a product."""
        return self.by_product[product["productId"]]

    def values(self, name: str) -> list[Any]:
        """Return the distinct values of a column, sorted, without null and blank."""
        if name not in self._values:
            rows = self.products if name in self.products[0] else self.spectra
            self._values[name] = sorted({row[name] for row in rows} - {None, ""})
        return self._values[name]

    def find(
        self,
        product: Callable[[Row], bool] = lambda _: True,
        spectrum: Callable[[Row, Row], bool] = lambda _product, _spectrum: True,
    ) -> dict[str, int]:
        """Return the URIs of the matching products, with their numbers of matching spectra.

        Parameters
        ----------
        product
            Whether the row of a product matches.
        spectrum
            Whether the rows of a product and of one of its spectra match.
        """
        found = {}
        for row in filter(product, self.products):
            count = sum(spectrum(row, each) for each in self.spectra_of(row))
            if count:
                found[row["uri"]] = count
        return found
