"""Statements, and parts of their result."""

from spectraldb.query.parse import parse_pixels
from spectraldb.query.sql.pixels import compile_pixels
from spectraldb.query.sql.statement import Statement
from spectraldb.settings import Settings

UNITS = {"fluxUnit": ["Jy", "MJy"], "surfBrightUnit": ["MJy/sr"]}


def statement(*pairs: tuple[str, str]) -> Statement:
    """Return the SQL of a search for pixels."""
    return compile_pixels(parse_pixels(pairs, Settings()), UNITS).statement


def test_select_only_names_columns_of_the_result() -> None:
    whole = statement(("flux.gt", "1"), ("columns", "quality"))
    text = whole.select_only(["flux", "quality", "_0"]).text
    assert text.startswith('SELECT s.flux, s.dq AS "quality", s.productId AS _0 FROM ')
    assert text.partition(" FROM ")[2] == whole.text.partition(" FROM ")[2]
