"""The SQL of searches for pixels."""

import pytest

from spectraldb.query.parse import parse_pixels
from spectraldb.query.sql.pixels import CompiledQuery, compile_pixels
from spectraldb.schema.column import Column
from spectraldb.schema.columns import searchable_columns
from spectraldb.settings import Settings

UNITS = {"fluxUnit": ["Jy", "MJy", "MJy/sr"], "surfBrightUnit": ["MJy/sr"]}


def compiled(*pairs: tuple[str, str]) -> CompiledQuery:
    """Return the SQL and the columns of a search."""
    return compile_pixels(parse_pixels(pairs, Settings()), UNITS)


def sql_of(*pairs: tuple[str, str]) -> str:
    """Return the SQL of a search as text."""
    return compiled(*pairs).statement.text


def test_no_parameters_match_every_x1d_pixel() -> None:
    assert sql_of().endswith(
        "FROM DataProduct AS d JOIN SpectralPixel AS s ON s.productId = d.productId "
        "WHERE d.productType = 'x1d' ORDER BY s.productId, s.spectrum, s.pixel LIMIT 1001"
    )


def test_example_of_the_archive() -> None:
    sql = sql_of(("wavelength", "1.2,1.3"), ("flux.gte", "10"), ("derSnr.gt", "5"))
    assert "s.wavelength BETWEEN 1.2 AND 1.3" in sql
    assert "s.flux >= 10.0" in sql
    assert "c.derSnr > 5.0" in sql


def test_contradicting_types_match_nothing() -> None:
    assert "FALSE" in sql_of(("product", "x1d"), ("product", "c1d"))


def test_alias_is_returned_as_requested() -> None:
    query = compiled(("quality", "0"), ("columns", "[dq,targetRa]"))
    names = ["fileName", "x", "y", "wavelength", "quality", "dq", "targetRa"]
    assert list(query.columns) == names
    assert 's.dq AS "quality"' in query.statement.text


@pytest.mark.parametrize("column", list(searchable_columns()), ids=lambda column: column.name)
def test_every_column_is_a_condition_and_a_result(column: Column) -> None:
    assert column.name in compiled((column.name, column.example)).columns
    assert column.name in compiled(("columns", column.name)).columns


def test_whole_numbers_stay_exact() -> None:
    assert str(2**62 + 1) in sql_of(("sourceId", str(2**62 + 1)))
    assert "s.dq = 1 " in sql_of(("dq", "1e0"))
    assert "s.x > 1.5" in sql_of(("x.gt", "1.5"))


@pytest.mark.parametrize(
    ("pair", "sql"),
    [
        (("wavelength", "12000,13000 Angstrom"), "s.wavelength BETWEEN 1.2 AND 1.3"),
        (("wavelength.gt", "1200 nm"), "s.wavelength > 1.2"),
        (("wavelength.in", "1 um, 2 um"), "s.wavelength IN (1.0, 2.0)"),
        (
            ("flux.gte", "3 mJy"),
            "s.flux >= 3e-09) OR (d.fluxUnit = 'MJy/sr' AND (s.flux * d.pixelArea) >= 3e-09))",
        ),
        (("flux.gte", "10 MJy/sr"), "(d.fluxUnit = 'MJy/sr' AND s.flux >= 10.0)"),
        (("surfBright.gte", "10 Jy/arcsec2"), "d.surfBrightUnit = 'MJy/sr' AND s.surfBright >= "),
        (("flux.gte", "10 s"), "AND FALSE"),
        (("flux.gte", "1e-3"), "s.flux >= 0.001"),
        (("snr.gt", "5"), "(s.flux / NULLIF(s.fluxErr, 0)) > 5.0"),
    ],
)
def test_conditions_with_units(pair: tuple[str, str], sql: str) -> None:
    assert sql in sql_of(pair)
