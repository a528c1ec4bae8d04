"""Products whose names changed when the archive processed them again.

What has been seen (https://github.com/spacetelescope/jwst, its change log and issue 9282):
numbers of sources with five digits and with nine, fixed slits with and without a target,
observations that become planned groups, MRS bands together and apart, slitless spectra in a
file for each source and for all.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from spectraldb.products.names import LEVEL3, MAST_PREFIX

_MRS = re.compile(r"ch(?P<channels>\d(?:-\d)*)-(?P<bands>(?:short|medium|long)+)")
_BAND = re.compile(r"short|medium|long")


@dataclass(frozen=True)
class Named:
    """What the name of a product says of what it holds."""

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


def read_name(uri: str) -> Named | None:
    """Return what a name says; None if it is none of the archive's."""
    match = LEVEL3.fullmatch(uri.removeprefix(MAST_PREFIX))
    if match is None:
        return None
    number = match["source"] or match["slit"]
    source = f"{match['kind'] or 's'}{int(number)}" if number else ""
    # A fixed slit has been named by its source alone, and by target and source.
    target = "" if source else f"t{int(match['target'][1:])}"
    mrs = _MRS.fullmatch(match["optical"])
    bands = frozenset(
        f"{channel}{band}"
        for channel in (mrs["channels"].split("-") if mrs else ())
        for band in _BAND.findall(mrs["bands"] if mrs else "")
    )
    return Named(
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


def stands_for(new: Named, old: Named) -> bool:
    """Return whether a product is one that an older name stood for.

    All must be the same, but that an observation may have become a planned group, or a group an
    observation; bands of MRS must have one in common; and a slitless product of a target holds
    all sources of that observation.
    """
    # Two observations of a target are two products.
    if new.group != old.group and new.group[0] == old.group[0] == "o":
        return False
    if new.bands and old.bands and not new.bands & old.bands:
        return False
    alike = replace(new, group="", bands=frozenset()) == replace(old, group="", bands=frozenset())
    return alike or _holds_source(new, old)


def _holds_source(new: Named, old: Named) -> bool:
    slitless = old.product in ("x1d", "c1d") and ("-gr" in old.optical or "-w" in old.optical)
    as_source = replace(new, target="", source=old.source)
    return slitless and bool(old.source and new.target) and as_source == old


def replaced_by(
    fetched: Iterable[str], held: Sequence[str], is_there: Callable[[str], bool]
) -> dict[str, str]:
    """Return which products of a lake were renamed, each with its new name.

    Parameters
    ----------
    fetched
        URIs of products that are new in the lake.
    held
        URIs of all products of the lake.
    is_there
        Tells whether the archive still has a product: what it has was not renamed. It is asked
        only of those for which a new product stands.
    """
    old_names = {uri: name for uri in held if (name := read_name(uri))}
    found: dict[str, str] = {}
    for uri in fetched:
        new = read_name(uri)
        if new is None:
            continue
        for old_uri, old in old_names.items():
            candidate = old_uri != uri and old_uri not in found and old.program == new.program
            if candidate and stands_for(new, old) and not is_there(old_uri):
                found[old_uri] = uri
    return found
