"""SQL that matches positions with the spectra around them, or the nearest of each product."""

from collections.abc import Iterable
from functools import cache

from sqlglot import exp

from spectraldb.schema.tables import Table
from spectraldb.sky import separation_sql

PRODUCT_COLUMNS = ("uri", "fileName", "productType", "targetName", "instrument")
"""Columns of products in the result."""
SPECTRUM_COLUMNS = ("spectrum", "sourceId", "ra", "dec", "derSnr")
"""Columns of spectra in the result; the match computes others."""

_ORDER = ("row", "separation", "productId", "spectrum")


@cache
def match_sql(*, spectra: bool) -> str:
    """Return the SQL of a match, in DuckDB's dialect.

    The SQL has the parameters ``$ra`` and ``$dec`` (lists in degrees), ``$radius``, and ``$reach``,
    which is slightly more than the radius.

    Parameters
    ----------
    spectra
        Whether the result has one row per spectrum; otherwise it has one row per product.
    """
    sql = exp.select("*").from_("found" if spectra else "nearest")
    if not spectra:
        sql = sql.where("place = 1")
    sql = sql.with_("positions", as_=_positions()).with_("pairs", as_=_pairs())
    sql = sql.with_("found", as_=_found())
    if not spectra:
        sql = sql.with_("nearest", as_=_nearest())
    return sql.order_by(*_ORDER).sql(dialect="duckdb")


def _positions() -> exp.Select:
    return _select('unnest(range(len($ra))) as "row"', "unnest($ra) as ra", "unnest($dec) as dec")


def _pairs() -> exp.Select:
    """Return pairs of a position and a spectrum with a similar declination."""
    separation = f"{separation_sql('p.ra', 'p.dec')} as separation"
    return (
        _select('p."row"', "c.*", separation)
        .from_("positions p")
        .join(
            f"{Table.SPECTRUM.value} c",
            on="c.dec between p.dec - $reach and p.dec + $reach",
            dialect="duckdb",
        )
    )


def _found() -> exp.Select:
    """Return the pairs within the radius, with the columns of the result."""
    return (
        _select('c."row"', "c.productId")
        .select(*_columns("d", PRODUCT_COLUMNS), *_columns("c", SPECTRUM_COLUMNS))
        .select("c.separation * 3600 as separation")
        .from_("pairs c")
        .join(f"{Table.PRODUCT.value} d", on="c.productId = d.productId")
        .where("c.separation <= $radius", dialect="duckdb")
    )


def _nearest() -> exp.Select:
    """Rank the spectra of each product at each position by separation."""
    product = 'partition by "row", productId'
    return _select(
        "*",
        f"count(*) over ({product}) as matchedSpectra",
        f"row_number() over ({product} order by separation, spectrum) as place",
    ).from_("found")


def _select(*expressions: str) -> exp.Select:
    return exp.select(*expressions, dialect="duckdb")


def _columns(alias: str, names: Iterable[str]) -> list[exp.Column]:
    return [exp.column(name, alias) for name in names]
