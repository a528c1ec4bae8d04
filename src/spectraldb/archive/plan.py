"""What is to be fetched, of what the archive lists and the lake holds."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from spectraldb.archive.mast import Listed
from spectraldb.lake.record import ProductRecord

_NUMBERS = re.compile(r"\d+(?:\.\d+)+")


@dataclass(frozen=True)
class Plan:
    """What is to be done."""

    fetch: list[Listed] = field(default_factory=list)
    """The newest calibration first."""
    held: list[Listed] = field(default_factory=list)
    """What the lake has already."""
    exclusive: list[Listed] = field(default_factory=list)
    """What nobody may have without a token, while there is none."""

    @property
    def size(self) -> int:
        """How many bytes are to be fetched, as far as the archive says."""
        return sum(each.size or 0 for each in self.fetch)


def make_plan(listed: Iterable[Listed], products: Sequence[ProductRecord], *, token: bool) -> Plan:
    """Return a plan.

    A product that is held is fetched again if the archive has it with another size, or from
    another version of the calibration pipeline.

    Parameters
    ----------
    listed
        What is wanted of the archive.
    products
        The products that the lake holds.
    token
        Whether there is a token for what is not public yet.
    """
    held = {product.uri: product for product in products}
    plan = Plan()
    for each in listed:
        if each.uri in held and _is_same(each, held[each.uri]):
            plan.held.append(each)
        elif each.public or token:
            plan.fetch.append(each)
        else:
            plan.exclusive.append(each)
    plan.fetch.sort(key=lambda each: numbers(each.version), reverse=True)
    return plan


def _is_same(listed: Listed, held: ProductRecord) -> bool:
    if listed.size is None or listed.size != held.file_size:
        return False
    now, before = numbers(listed.version), numbers(held.cal_version)
    return not now or not before or now == before


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, wherever in a text: 1.13.4 of `CALWEBB 1.13.4`."""
    found = _NUMBERS.search(version)
    return tuple(map(int, found[0].split("."))) if found else ()
