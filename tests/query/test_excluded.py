"""The note on products that the units of conditions exclude."""

from spectraldb.query.excluded import UnitCount, UnitCounts, area_note, excluded_note
from spectraldb.query.parse import parse_pixels
from spectraldb.settings import Settings

COUNTS: UnitCounts = {
    "fluxUnit": [
        UnitCount("Jy", 5),
        UnitCount("MJy/sr", 5, 3, 1e-13, 4e-13),
        UnitCount("DN/s", 1),
        UnitCount(None, 3),
    ],
    "surfBrightUnit": [UnitCount("MJy/sr", 4)],
}


def note(*pairs: tuple[str, str]) -> str:
    """Return the note on a search."""
    return excluded_note(parse_pixels(pairs, Settings()).conditions, COUNTS)


def test_every_unit_that_does_not_convert_is_counted() -> None:
    assert note(("flux.gt", "1 mJy")) == (
        "flux in mJy excludes 1 product in DN/s, 2 products in MJy/sr without a pixel area, "
        "3 products without a unit of flux."
    )


def test_no_note_without_units() -> None:
    assert note(("flux.gt", "1"), ("wavelength", "1,2 um")) == ""
    assert note(("surfBright.gt", "1 Jy/arcsec2")) == ""


def test_a_condition_is_noted_once() -> None:
    pairs = ("flux.gt", "1 mJy"), ("flux.lt", "9 mJy")
    assert note(*pairs) == note(pairs[0])


def test_pixel_areas_are_named() -> None:
    conditions = parse_pixels([("flux.gt", "1 mJy")], Settings()).conditions
    assert area_note(conditions, COUNTS) == (
        "flux in mJy is compared in 3 products in MJy/sr by the pixel area (pixelArea), "
        "1e-13 to 4e-13 sr."
    )
    conditions = parse_pixels([("surfBright.gt", "1 MJy/sr")], Settings()).conditions
    assert area_note(conditions, COUNTS) == ""
