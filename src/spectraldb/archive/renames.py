"""Products that were renamed when the archive reprocessed them.

Known changes (https://github.com/spacetelescope/jwst, its change log and issue 9282): source
numbers have five or nine digits, fixed slits have a target or none, observations become planned
groups, MRS bands are combined or separate, and slitless spectra are in one file per source or in
one file for all.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from spectraldb.products.names import LEVEL3, MAST_PREFIX

_MRS = re.compile(r"ch(?P<channels>\d(?:-\d)*)-(?P<bands>(?:short|medium|long)+)")
_BAND = re.compile(r"short|medium|long")


@dataclass(frozen=True)
class ParsedName:
    """The parts of a product's name that identify its content."""

    group: str
    """The observation, or the group of observations."""
    program: str
    target: str
    """Number of the target; empty if the name has a source instead."""
    source: str
    """Kind and number of the source, without leading zeros; empty if the name has none."""
    epoch: str
    instrument: str
    optical: str
    product: str
    bands: frozenset[str] = frozenset()
    """Channels and bands of MIRI MRS."""


def parse_name(uri: str) -> ParsedName | None:
    """Return the parts of a product's name; None if it is not a name from the archive."""
    match = LEVEL3.fullmatch(uri.removeprefix(MAST_PREFIX))
    if match is None:
        return None
    number = match["source"] or match["slit"]
    source = f"{match['kind'] or 's'}{int(number)}" if number else ""
    # Older names of fixed slits have only the source, newer names target and source.
    target = "" if source else f"t{int(match['target'][1:])}"
    bands = _mrs_bands(match["optical"])
    return ParsedName(
        group=match["observation"],
        program=match["program"],
        target=target,
        source=source,
        epoch=match["epoch"] or "",
        instrument=match["instrument"],
        optical="mrs" if bands else match["optical"],
        product=match["product"],
        bands=bands,
    )


def _mrs_bands(optical: str) -> frozenset[str]:
    """Return the channels and bands of an MRS product, such as 1short; else an empty set."""
    mrs = _MRS.fullmatch(optical)
    if mrs is None:
        return frozenset()
    bands = _BAND.findall(mrs["bands"])
    return frozenset(f"{channel}{band}" for channel in mrs["channels"].split("-") for band in bands)


def supersedes(new: ParsedName, old: ParsedName) -> bool:
    """Return whether a product with a new name may replace the one with an old name.

    All parts must be equal, with three exceptions: an observation may have become a planned group
    or the reverse, MRS products need only one band in common, and a slitless product of a target
    contains all sources of its observation.
    """
    # Two observations of a target are two products.
    if new.group != old.group and new.group[0] == old.group[0] == "o":
        return False
    if new.bands and old.bands and not new.bands & old.bands:
        return False
    new_rest, old_rest = (replace(name, group="", bands=frozenset()) for name in (new, old))
    return new_rest == old_rest or _contains_source(new, old)


def _contains_source(new: ParsedName, old: ParsedName) -> bool:
    slitless = old.product in ("x1d", "c1d") and ("-gr" in old.optical or "-w" in old.optical)
    as_source = replace(new, target="", source=old.source)
    return slitless and bool(old.source and new.target) and as_source == old


def find_renamed(
    fetched: Iterable[str], held: Sequence[str], is_listed: Callable[[str], bool]
) -> dict[str, str]:
    """Return the renamed products of a lake, each with its new name.

    Parameters
    ----------
    fetched
        URIs of products that are new in the lake.
    held
        URIs of all products of the lake.
    is_listed
        Returns whether the archive still lists a product; if it does, the product was not renamed.
        Called only for products that a new one may supersede.
    """
    old_names = {uri: name for uri in held if (name := parse_name(uri))}
    renamed: dict[str, str] = {}
    for uri in fetched:
        new = parse_name(uri)
        if new is None:
            continue
        for old_uri, old in old_names.items():
            candidate = old_uri != uri and old_uri not in renamed and old.program == new.program
            if candidate and supersedes(new, old) and not is_listed(old_uri):
                renamed[old_uri] = uri
    return renamed
