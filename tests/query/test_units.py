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
        (("flux.gt", "20 mag"), "has no zero point"),
        (("flux.gt", "400 dex(Jy)"), "not a finite value"),
        (("wavelength.lt", "0 THz"), "not a finite value"),
        (("sampling.gt", "1 THz"), "cannot be converted to um"),
        (("flux.gt", "5 6"), "is not a number"),
    ],
)
def test_wrong_units(pair: tuple[str, str], message: str) -> None:
    with pytest.raises(BadQueryError, match=message):
        parse_pixels([pair], Settings())
