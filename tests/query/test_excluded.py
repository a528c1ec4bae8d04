"""The note on products that the units of conditions exclude."""

from spectraldb.query.excluded import UnitCounts, excluded_note
from spectraldb.query.parse import parse_pixels
from spectraldb.settings import Settings

COUNTS: UnitCounts = {
    "fluxUnit": {"Jy": 5, "MJy/sr": 2, "DN/s": 1, None: 3},
    "surfBrightUnit": {"MJy/sr": 4},
}


def note(*pairs: tuple[str, str]) -> str:
    """Return the note on a search."""
    return excluded_note(parse_pixels(pairs, Settings()).conditions, COUNTS)


def test_every_unit_that_does_not_convert_is_counted() -> None:
    assert note(("flux.gt", "1 mJy")) == (
        "flux in mJy excludes 1 product in DN/s, 2 products in MJy/sr, "
        "3 products without a unit of flux."
    )


def test_no_note_without_units() -> None:
    assert note(("flux.gt", "1"), ("wavelength", "1,2 um")) == ""
    assert note(("surfBright.gt", "1 Jy/arcsec2")) == ""


def test_a_condition_is_noted_once() -> None:
    pairs = ("flux.gt", "1 mJy"), ("flux.lt", "9 mJy")
    assert note(*pairs) == note(pairs[0])
