"""Units of conditions: unknown and incompatible units are rejected."""

import pytest

from spectraldb.errors import BadQueryError
from spectraldb.query.parse import parse_pixels
from spectraldb.settings import Settings


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (("wavelength", "1 Jy"), "cannot be converted to um"),
        (("wavelength", "1 parrot"), "Unknown unit"),
        (("x", "1 um"), "x has no unit"),
        (("wavelength", "1 um,2 nm"), "Use one: nm or um"),
        (("flux.gt", "3 mJyy"), "Unknown unit"),
    ],
)
def test_wrong_units(pair: tuple[str, str], message: str) -> None:
    with pytest.raises(BadQueryError, match=message):
        parse_pixels([pair], Settings())
