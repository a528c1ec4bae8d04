"""A match: for each of many positions the products, or the spectra, that lie around it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spectraldb.errors import BadQueryError
from spectraldb.query.cone import read_angle
from spectraldb.query.values import split
from spectraldb.schema.column import Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import PRODUCT_TYPES, Table
from spectraldb.sky import separation_sql

MOST_PLACES = 100_000

MATCH_PARAMETERS = {
    "ra": "right ascensions (ICRS) in degrees, a list; null where there is none",
    "dec": "declinations in degrees, a list as long",
    "radius": "how far away a spectrum may lie: in degrees, or with a unit, such as `1arcsec`",
    "product": "types of products: one, several by commas, or `all`, which is the default",
    "spectra": "true for a row for each spectrum, else a row for each product",
}
"""What the body of a match can have."""

_ROW = Column("row", Table.SPECTRUM, "long", "index of the position among those asked, from 0")
_MATCHED = Column(
    "matchedSpectra",
    Table.SPECTRUM,
    "long",
    "how many spectra of the product lie there",
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

_PRODUCT = ("uri", "fileName", "productType", "targetName", "instrument")
_SPECTRUM = ("spectrum", "sourceId", "ra", "dec", "derSnr")

_SEPARATION_OF_PAIR = separation_sql("p.ra", "p.dec").replace("\n", "\n    ")
_PAIRS = f"""
with places as (
  select unnest(range(len($ra))) as row, unnest($ra) as ra, unnest($dec) as dec
), pairs as (
  select p.row, c.*, {_SEPARATION_OF_PAIR} as separation
  from places p join SpectralCharacteristics c
    on c.dec between p.dec - $reach and p.dec + $reach
)
"""  # noqa: S608 - made of columns alone


@dataclass(frozen=True)
class Match:
    """What is asked for: positions and radius in degrees."""

    ra: list[float | None]
    dec: list[float | None]
    radius: float
    product_types: frozenset[str] = PRODUCT_TYPES
    spectra: bool = False

    @property
    def columns(self) -> dict[str, Column]:
        """The columns of the answer."""
        counted = () if self.spectra else (_MATCHED,)
        known = [by_name()[name] for name in (*_PRODUCT, *_SPECTRUM)]
        return {column.name: column for column in (_ROW, *known, *counted, _SEPARATION)}

    @property
    def parameters(self) -> dict[str, object]:
        """The values that the SQL names."""
        # A little more than the radius: rounding may not lose a spectrum on the edge.
        reach = math.nextafter(self.radius, math.inf) + 1e-12
        return {"ra": self.ra, "dec": self.dec, "radius": self.radius, "reach": reach}

    @property
    def sql(self) -> str:
        """The SQL that answers it."""
        product = ", ".join(f"d.{name}" for name in _PRODUCT)
        spectrum = ", ".join(f"c.{name}" for name in _SPECTRUM)
        found = (
            f"{_PAIRS}, found as (select c.row, c.productId, {product}, {spectrum}, "  # noqa: S608 - names of columns
            "c.separation * 3600 as separation from pairs c join DataProduct d "
            "on c.productId = d.productId where c.separation <= $radius)"
        )
        order = "order by row, separation, productId, spectrum"
        if self.spectra:
            return f"{found} select * from found {order}"  # noqa: S608
        return (
            f"{found}, nearest as (select *, count(*) over product as matchedSpectra, "  # noqa: S608
            "row_number() over (product order by separation, spectrum) as place from found "
            "window product as (partition by row, productId)) "
            f"select * from nearest where place = 1 {order}"
        )


def parse_match(body: Mapping[str, object]) -> Match:
    """Return what the body of a request asks for.

    Raises
    ------
    BadQueryError
        If something is missing, unknown, or no position.
    """
    for name in body:
        if name not in MATCH_PARAMETERS:
            raise BadQueryError(f"there is no {name!r} in a match: {', '.join(MATCH_PARAMETERS)}")
    ra, dec = _angles(body, "ra"), _angles(body, "dec")
    if len(ra) != len(dec):
        raise BadQueryError(f"ra has {len(ra)} positions, dec has {len(dec)}")
    if any(value is not None and not -90 <= value <= 90 for value in dec):
        raise BadQueryError("dec: a declination is from -90 to 90 degrees")
    if "radius" not in body:
        raise BadQueryError("radius: say how far away a spectrum may lie, such as 1arcsec")
    radius = read_angle("radius", str(body["radius"]))
    if not 0 < radius <= 180:
        raise BadQueryError(f"radius: {radius} deg is not above 0 and up to 180")
    spectra = body.get("spectra", False)
    if not isinstance(spectra, bool):
        raise BadQueryError(f"spectra: {spectra!r} is neither true nor false")
    return Match(ra, dec, radius, _types(str(body.get("product", "all"))), spectra)


def _angles(body: Mapping[str, object], name: str) -> list[float | None]:
    given = body.get(name)
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise BadQueryError(f"{name}: a match has a list of numbers here, in degrees")
    if len(given) > MOST_PLACES:
        raise BadQueryError(f"{name}: {len(given):,} positions; at most {MOST_PLACES:,} at once")
    return [_angle(name, value) for value in given]


def _angle(name: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadQueryError(f"{name}: {value!r} is not a number")
    return float(value) if math.isfinite(value) else None


def _types(text: str) -> frozenset[str]:
    words = frozenset(word.lower() for word in split(text))
    if words == {"all"}:
        return PRODUCT_TYPES
    if not words or not words <= PRODUCT_TYPES:
        raise BadQueryError(f"product: {text!r} is not of {', '.join(sorted(PRODUCT_TYPES))}, all")
    return words
