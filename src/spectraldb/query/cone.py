"""Circles on the sky: parsing and SQL."""

import math

import sqlglot
from sqlglot import exp

from spectraldb.errors import BadQueryError
from spectraldb.query.sql.literals import literal
from spectraldb.query.units import convert_to_unit, split_units
from spectraldb.query.values import read_value
from spectraldb.schema.column import Column
from spectraldb.schema.tables import Table
from spectraldb.sky import Cone, separation_sql

RADIUS = Column("radius", Table.SPECTRUM, "float", "radius of the circle", "deg", example="5arcsec")

_INSIDE = f"c.dec between :low and :high and {separation_sql(':ra', ':dec')} <= :radius"


def read_cone(ra: str, dec: str, radius: str) -> Cone:
    """Parse a circle; numbers without a unit are in degrees.

    Raises
    ------
    BadQueryError
        If a parameter is not an angle, or is out of range.
    """
    angles = [read_angle(*given) for given in (("ra", ra), ("dec", dec), ("radius", radius))]
    cone = Cone(*angles)
    if not -90 <= cone.dec <= 90:
        raise BadQueryError(f"dec: Must be between -90 and 90 deg, but is {cone.dec} deg.")
    if not 0 < cone.radius <= 180:
        raise BadQueryError(
            f"radius: Must be above 0 and at most 180 deg, but is {cone.radius} deg."
        )
    return Cone(cone.ra % 360.0, cone.dec, cone.radius)


def read_angle(name: str, text: str) -> float:
    """Return an angle in degrees, from a number with an optional unit.

    Raises
    ------
    BadQueryError
        If the text is not an angle.
    """
    (number,), unit = split_units(name, RADIUS, [text.strip()])
    value = read_value(name, RADIUS, number)
    return float(convert_to_unit(name, RADIUS, (value,), unit)[0] if unit else value)


def inside(cone: Cone) -> exp.Expr:
    """Return the condition that the position of a spectrum is in a circle, edge included."""
    low, high = declinations(cone)
    numbers = {"ra": cone.ra, "dec": cone.dec, "radius": cone.radius, "low": low, "high": high}
    tree = sqlglot.parse_one(_INSIDE, dialect="duckdb")
    return exp.replace_placeholders(tree, **{k: literal(v) for k, v in numbers.items()})


def declinations(cone: Cone) -> tuple[float, float]:
    """Return bounds on the declination in a circle, in degrees, widened by one float each."""
    return (
        math.nextafter(cone.dec - cone.radius, -math.inf),
        math.nextafter(cone.dec + cone.radius, math.inf),
    )
