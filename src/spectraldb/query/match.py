"""Matching of many positions with the products or spectra around them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spectraldb.errors import BadQueryError
from spectraldb.query.cone import read_angle
from spectraldb.query.sql.match import PRODUCT_COLUMNS, SPECTRUM_COLUMNS, match_sql
from spectraldb.query.values import split
from spectraldb.schema.column import Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import PRODUCT_TYPES, Table

MAX_POSITIONS = 100_000
"""Maximum number of positions in one request."""

MATCH_PARAMETERS = {
    "ra": "list of right ascensions (ICRS) in degrees; null for an unknown position",
    "dec": "list of declinations (ICRS) in degrees, of the same length as `ra`",
    "radius": "maximum separation between a position and a spectrum, in degrees or with a unit, "
    "such as `1arcsec`",
    "product": "product types to match, separated by commas, or `all` (the default)",
    "spectra": "true for one row per spectrum, false (the default) for one row per product",
}
"""The keys of the body of a match, with their descriptions."""

_ROW = Column("row", Table.SPECTRUM, "long", "index of the position in the request, from 0")
_MATCHED = Column(
    "matchedSpectra",
    Table.SPECTRUM,
    "long",
    "number of spectra of the product within the radius",
    ucd="meta.number",
)
_SEPARATION = Column(
    "separation",
    Table.SPECTRUM,
    "float",
    "angle between the position and the (nearest) spectrum",
    "arcsec",
    ucd="pos.angDistance",
)


@dataclass(frozen=True)
class Match:
    """A list of positions, and the maximum separation of the spectra that match them."""

    ra: Sequence[float | None]
    """Right ascensions (ICRS) in degrees; None for an unknown position."""
    dec: Sequence[float | None]
    """Declinations in degrees, of the same length."""
    radius: float
    """Maximum separation in degrees."""
    product_types: frozenset[str] = PRODUCT_TYPES
    spectra: bool = False
    """Whether the result has one row per spectrum; otherwise one row per product."""

    @property
    def columns(self) -> dict[str, Column]:
        """Columns of the result, by name."""
        aggregates = () if self.spectra else (_MATCHED,)
        columns = [by_name()[name] for name in (*PRODUCT_COLUMNS, *SPECTRUM_COLUMNS)]
        return {column.name: column for column in (_ROW, *columns, *aggregates, _SEPARATION)}

    @property
    def parameters(self) -> dict[str, object]:
        """Values of the named parameters of the SQL."""
        # Slightly more than the radius, so that rounding cannot lose a spectrum on the edge.
        reach = math.nextafter(self.radius, math.inf) + 1e-12
        return {"ra": list(self.ra), "dec": list(self.dec), "radius": self.radius, "reach": reach}

    @property
    def sql(self) -> str:
        """SQL of the match, in DuckDB's dialect."""
        return match_sql(spectra=self.spectra)


def parse_match(body: Mapping[str, object]) -> Match:
    """Parse the body of a request to match positions.

    Raises
    ------
    BadQueryError
        If a key is missing or unknown, or a value is invalid.
    """
    for name in body:
        if name not in MATCH_PARAMETERS:
            raise BadQueryError(
                f"Unknown parameter {name!r}. Parameters of a match: {', '.join(MATCH_PARAMETERS)}."
            )
    ra, dec = _angles(body, "ra"), _angles(body, "dec")
    if len(ra) != len(dec):
        raise BadQueryError(
            f"ra: The lists ra and dec have different lengths, {len(ra)} and {len(dec)}."
        )
    if any(value is not None and not -90 <= value <= 90 for value in dec):
        raise BadQueryError("dec: All declinations must be between -90 and 90 deg.")
    if "radius" not in body:
        raise BadQueryError("radius: The maximum separation is missing. Example: radius=1arcsec.")
    radius = read_angle("radius", str(body["radius"]))
    if not 0 < radius <= 180:
        raise BadQueryError(f"radius: Must be above 0 and at most 180 deg, but is {radius} deg.")
    spectra = body.get("spectra", False)
    if not isinstance(spectra, bool):
        raise BadQueryError(f"spectra: {spectra!r} is neither true nor false.")
    return Match(ra, dec, radius, _types(str(body.get("product", "all"))), spectra)


def _angles(body: Mapping[str, object], name: str) -> list[float | None]:
    values = body.get(name)
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise BadQueryError(f"{name}: A match takes a list of numbers, in degrees.")
    if len(values) > MAX_POSITIONS:
        raise BadQueryError(
            f"{name}: {len(values):,} positions exceed the limit of "
            f"{MAX_POSITIONS:,} per request. Split the list."
        )
    return [_angle(name, value) for value in values]


def _angle(name: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadQueryError(f"{name}: {value!r} is not a number.")
    return float(value) if math.isfinite(value) else None


def _types(text: str) -> frozenset[str]:
    names = frozenset(name.lower() for name in split(text))
    if names == {"all"}:
        return PRODUCT_TYPES
    if not names or not names <= PRODUCT_TYPES:
        raise BadQueryError(
            f"product: Unknown product type {text!r}. Types: "
            f"{', '.join(sorted(PRODUCT_TYPES))}, all."
        )
    return names
