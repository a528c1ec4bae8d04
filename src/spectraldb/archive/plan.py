"""Which of the listed products are to be downloaded."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from spectraldb.archive.mast import ArchiveProduct
from spectraldb.lake.record import ProductRecord

_NUMBERS = re.compile(r"\d+(?:\.\d+)+")


@dataclass(frozen=True)
class FetchPlan:
    """The products of a query, by what is to be done with each."""

    fetch: list[ArchiveProduct] = field(default_factory=list)
    """Those to download, the newest calibration first."""
    held: list[ArchiveProduct] = field(default_factory=list)
    """Those that the lake has already."""
    exclusive: list[ArchiveProduct] = field(default_factory=list)
    """Those that need a token, if there is none."""

    @property
    def size(self) -> int:
        """The bytes to download, of the products whose size the archive lists."""
        return sum(product.size or 0 for product in self.fetch)


def make_plan(
    listed: Iterable[ArchiveProduct], records: Sequence[ProductRecord], *, token: bool
) -> FetchPlan:
    """Return a plan.

    A product that the lake holds is fetched again if the archive has it with another size, or from
    another version of the calibration pipeline.

    Parameters
    ----------
    listed
        The products that the archive lists.
    records
        The products that the lake holds.
    token
        Whether there is a token for products that are not public yet.
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
    """Return whether the lake holds the version of a product that the archive lists."""
    if product.size is None or product.size != record.file_size:
        return False
    listed, held = version_numbers(product.version), version_numbers(record.cal_version)
    return not listed or not held or listed == held


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version anywhere in a text: (1, 13, 4) of `CALWEBB 1.13.4`."""
    found = _NUMBERS.search(version)
    return tuple(map(int, found[0].split("."))) if found else ()
