"""Products whose names changed when the archive processed them again.

Changes that occur (https://github.com/spacetelescope/jwst, its change log and issue 9282): numbers
of sources with five digits and with nine, fixed slits with and without a target, observations that
become planned groups, MRS bands combined and separate, slitless spectra in one file for each source
and in one for all.
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
    """The number of the target; empty where the name has a source instead."""
    source: str
    """Kind and number of the source, without leading zeros; empty where the name has none."""
    epoch: str
    instrument: str
    optical: str
    product: str
    bands: frozenset[str] = frozenset()
    """Channels and bands of MIRI MRS."""


def parse_name(uri: str) -> ParsedName | None:
    """Return the parts of a product's name; None if it is not a name of the archive."""
    match = LEVEL3.fullmatch(uri.removeprefix(MAST_PREFIX))
    if match is None:
        return None
    number = match["source"] or match["slit"]
    source = f"{match['kind'] or 's'}{int(number)}" if number else ""
    # Older names of a fixed slit have the source alone, newer ones target and source.
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
    """Return the channels and bands of an MRS product, such as 1short; empty for all others."""
    mrs = _MRS.fullmatch(optical)
    if mrs is None:
        return frozenset()
    bands = _BAND.findall(mrs["bands"])
    return frozenset(f"{channel}{band}" for channel in mrs["channels"].split("-") for band in bands)


def supersedes(new: ParsedName, old: ParsedName) -> bool:
    """Return whether a new name may be that of the product with an old name.

    All parts must be equal, except that an observation may have become a planned group or the
    reverse, that MRS products need only one band in common, and that a slitless product of a
    target contains all sources of that observation.
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
    """Return the products of a lake that were renamed, each with its new name.

    Parameters
    ----------
    fetched
        URIs of products that are new in the lake.
    held
        URIs of all products of the lake.
    is_listed
        Return whether the archive still lists a product, which was not renamed then. It is called
        only for products that a new one may supersede.
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
