"""Notes on the products that the units of conditions exclude, or convert by a pixel area."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from spectraldb.counted import counted
from spectraldb.query.conversion import convert_condition
from spectraldb.query.model import Condition


@dataclass(frozen=True)
class UnitCount:
    """The number of products with a unit, and their pixel areas."""

    unit: str | None
    """None for products without a unit."""
    products: int
    with_area: int = 0
    """Number of products with a pixel area."""
    area_min: float | None = None
    area_max: float | None = None
    """Smallest and largest pixel area in sr; None if no product has one."""


UnitCounts = Mapping[str, Sequence[UnitCount]]
"""The products that were searched, by the product column of their units."""


def excluded_note(conditions: Iterable[Condition], counts: UnitCounts) -> str:
    """Return a sentence for each condition whose unit excludes products; empty if none does.

    Parameters
    ----------
    conditions
        The conditions of a search.
    counts
        The products that were searched.
    """
    notes = (_note(each, counts[each.column.unit_from]) for each in conditions if each.unit)
    return " ".join(filter(None, dict.fromkeys(notes)))


def _note(condition: Condition, counts: Sequence[UnitCount]) -> str:
    excluded = ", ".join(_excluded(condition, counts))
    if not excluded:
        return ""
    return f"{condition.requested_name} in {condition.unit} excludes {excluded}."


def _excluded(condition: Condition, counts: Sequence[UnitCount]) -> Iterator[str]:
    uses_area = _uses_area(condition, counts)
    for count in sorted(counts, key=lambda count: count.unit or ""):
        if count.unit and count.unit not in uses_area:
            yield f"{counted(count.products, 'product')} in {count.unit}"
        elif count.unit and uses_area[count.unit] and count.with_area < count.products:
            n_excluded = counted(count.products - count.with_area, "product")
            yield f"{n_excluded} in {count.unit} without a pixel area"
    missing = sum(count.products for count in counts if not count.unit)
    if missing:
        yield f"{counted(missing, 'product')} without a unit of {condition.column.name}"


def _uses_area(condition: Condition, counts: Sequence[UnitCount]) -> dict[str, bool]:
    """Return the units to which a condition converts, and whether by a pixel area."""
    present = [count.unit for count in counts if count.unit]
    return {each.unit: each.area_power != 0 for each in convert_condition(condition, present)}


def area_note(conditions: Iterable[Condition], counts: UnitCounts) -> str:
    """Return a sentence for each condition that was converted by pixel areas, which it names."""
    notes = (
        _area_note(condition, count)
        for condition in conditions
        if condition.unit
        for count in counts[condition.column.unit_from]
        if count.with_area
        and _uses_area(condition, counts[condition.column.unit_from]).get(count.unit or "")
    )
    return " ".join(dict.fromkeys(notes))


def _area_note(condition: Condition, count: UnitCount) -> str:
    areas = dict.fromkeys(f"{area:.4g}" for area in (count.area_min, count.area_max))
    return (
        f"{condition.requested_name} in {condition.unit} is compared in "
        f"{counted(count.with_area, 'product')} in {count.unit} by the pixel area (pixelArea), "
        f"{' to '.join(areas)} sr."
    )
