"""Select the products to download."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from spectraldb.archive.mast import ArchiveProduct
from spectraldb.lake.record import ProductRecord

_NUMBERS = re.compile(r"\d+(?:\.\d+)+")


@dataclass(frozen=True)
class FetchPlan:
    """The products of a query, grouped by what to do with them."""

    fetch: list[ArchiveProduct] = field(default_factory=list)
    """Products to download, newest calibration first."""
    held: list[ArchiveProduct] = field(default_factory=list)
    """Products that are already in the lake."""
    exclusive: list[ArchiveProduct] = field(default_factory=list)
    """Products that need a token, if none is set."""

    @property
    def size(self) -> int:
        """Number of bytes to download, without products of unknown size."""
        return sum(product.size or 0 for product in self.fetch)


def make_plan(
    listed: Iterable[ArchiveProduct], records: Sequence[ProductRecord], *, token: bool
) -> FetchPlan:
    """Return the plan for listed products.

    A product in the lake is fetched again if the archive lists another size or another version of
    the calibration pipeline.

    Parameters
    ----------
    listed
        The products that the archive lists.
    records
        The products in the lake.
    token
        Whether a token for products that are not public yet is set.
    """
    held = {record.uri: record for record in records}
    plan = FetchPlan()
    for product in listed:
        if product.uri in held and _is_same(product, held[product.uri]):
            plan.held.append(product)
        elif product.public or token:
            plan.fetch.append(product)
        else:
            plan.exclusive.append(product)
    plan.fetch.sort(key=lambda product: version_numbers(product.version), reverse=True)
    return plan


def _is_same(product: ArchiveProduct, record: ProductRecord) -> bool:
    """Return whether the lake has the version of a product that the archive lists."""
    if product.size is None or product.size != record.file_size:
        return False
    listed, held = version_numbers(product.version), version_numbers(record.cal_version)
    return not listed or not held or listed == held


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the version numbers in a text, such as (1, 13, 4) for `CALWEBB 1.13.4`."""
    found = _NUMBERS.search(version)
    return tuple(map(int, found[0].split("."))) if found else ()
