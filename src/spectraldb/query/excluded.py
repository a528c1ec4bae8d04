"""The note on products that a search excludes because of the units of its conditions."""

from collections.abc import Iterable, Iterator, Mapping

from spectraldb.counted import counted
from spectraldb.query.conversion import convert_condition
from spectraldb.query.model import Condition

UnitCounts = Mapping[str, Mapping[str | None, int]]
"""Number of products with each unit, None for no unit, by the product column of the units."""


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


def _note(condition: Condition, counts: Mapping[str | None, int]) -> str:
    excluded = ", ".join(_excluded(condition, counts))
    if not excluded:
        return ""
    return f"{condition.requested_name} in {condition.unit} excludes {excluded}."


def _excluded(condition: Condition, counts: Mapping[str | None, int]) -> Iterator[str]:
    present = sorted(unit for unit in counts if unit)
    converted = {each.unit for each in convert_condition(condition, present)}
    for unit in present:
        if unit not in converted:
            yield f"{counted(counts[unit], 'product')} in {unit}"
    missing = sum(count for unit, count in counts.items() if not unit)
    if missing:
        yield f"{counted(missing, 'product')} without a unit of {condition.column.name}"
