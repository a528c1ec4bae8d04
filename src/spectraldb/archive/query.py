"""Queries for products of the archive."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spectraldb.errors import BadQueryError
from spectraldb.products.names import MAST_PREFIX, parse_level3
from spectraldb.schema.tables import PRODUCT_TYPES

_EXAMPLE = "jw01128-o002_t016_nirspec_prism-clear_x1d.fits"


@dataclass(frozen=True)
class ArchiveQuery:
    """The products to fetch: those in `uris`, and those that meet all other criteria."""

    uris: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    target: str | None = None
    """Name of the target in the proposal; `*` matches any text."""
    position: str | None = None
    """A position, or the name of an object that SIMBAD or NED knows."""
    radius: str = "0.01 deg"
    instrument: str | None = None
    product_types: frozenset[str] = PRODUCT_TYPES

    def check(self) -> None:
        """Raise BadQueryError if there is no criterion, or an unknown product type."""
        unknown = self.product_types - PRODUCT_TYPES
        if unknown or not self.product_types:
            known = ", ".join(sorted(PRODUCT_TYPES))
            raise BadQueryError(
                f"--type: Must be one of {known}, but is {', '.join(sorted(unknown))!r}."
            )
        if not (self.uris or self.programs or self.target or self.position or self.instrument):
            raise BadQueryError(
                "Specify what to fetch: URIs, --program, --target, --around or --instrument."
            )

    def criteria(self) -> dict[str, Any]:
        """Return the criteria as arguments for astroquery; empty if the query has only URIs.

        Raises
        ------
        BadQueryError
            If the radius is not an angle.
        """
        criteria: dict[str, Any] = {}
        if self.programs:
            criteria["proposal_id"] = [program.lstrip("0") for program in self.programs]
        if self.target:
            criteria["target_name"] = self.target
        if self.instrument:
            # The archive appends the mode, as in NIRSPEC/MSA.
            criteria["instrument_name"] = f"{self.instrument.upper()}*"
        if self.position:
            criteria |= _cone(self.position, self.radius)
        return {**criteria, "calib_level": [3]} if criteria else {}


def _cone(position: str, radius: str) -> dict[str, Any]:
    """Return a cone around coordinates, or around a named object if they cannot be parsed."""
    from astropy import units as u  # noqa: PLC0415 - slow to import
    from astropy.coordinates import Angle, SkyCoord  # noqa: PLC0415 - slow to import

    try:
        angle = Angle(radius)
    except (ValueError, u.UnitsError) as error:
        raise BadQueryError(f"--radius: {radius!r} is not an angle. Example: 30arcsec.") from error
    try:
        first = position.split(maxsplit=1)[0]
        sexagesimal = ":" in first or "h" in first
        units = (u.hourangle, u.deg) if sexagesimal else (u.deg, u.deg)
        return {"coordinates": SkyCoord(position, unit=units), "radius": angle}
    except (ValueError, IndexError):
        return {"objectname": position, "radius": angle}


def parse_uris(names: Sequence[str]) -> tuple[str, ...]:
    """Return the URIs of products from URIs or file names, without duplicates.

    Raises
    ------
    BadQueryError
        If a name is not that of a level-3 product.
    """
    uris = []
    for name in names:
        file_name = name.removeprefix(MAST_PREFIX)
        if parse_level3(file_name) is None or file_name.endswith(".gz"):
            raise BadQueryError(
                f"{name!r} is not a level-3 product. Example: {MAST_PREFIX}{_EXAMPLE}."
            )
        uris.append(MAST_PREFIX + file_name)
    return tuple(dict.fromkeys(uris))
