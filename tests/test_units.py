"""Spellings of units, and conversion to micron, compared with astropy."""

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.units import (
    is_spectral,
    known_wavelengths,
    parse_unit,
    readable_unit,
    scaled,
    to_micron,
)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("um", u.um),
        ("micron", u.um),
        ("microns", u.um),
        ("MICRON", u.um),
        ("\u03bcm", u.um),
        ("\u00b5m", u.um),
        ("\u00c5", u.AA),
        ("\u212b", u.AA),
        ("Angstroms", u.AA),
        ("ANGSTROM", u.AA),
        ("JY", u.Jy),
        ("MJY", u.MJy),
        ("mjy", u.mJy),
        ("MJY/SR", u.MJy / u.sr),
        ("MJy sr-1", u.MJy / u.sr),
        ("microJansky", u.uJy),
        ("1/cm", u.cm**-1),
        ("cm-1", u.cm**-1),
        ("erg / (s cm2 AA)", u.erg / u.s / u.cm**2 / u.AA),
        ("ERG/S/CM2/A", u.erg / u.s / u.cm**2 / u.AA),
        ("erg s-1 cm-2 um-1", u.erg / u.s / u.cm**2 / u.um),
        ("mag(AB)", u.ABmag),
        ("0.1nm", 0.1 * u.nm),
        ("10**-20 W m-2", u.Unit("1e-20 W m-2")),
    ],
)
def test_spellings(text: str, unit: u.UnitBase) -> None:
    assert parse_unit(text) == u.Unit(unit)


@pytest.mark.parametrize("text", ["furlong/x", "3 apples", "Jyy", "(", "apples", "Parsnip"])
def test_texts_that_are_no_unit(text: str) -> None:
    assert parse_unit(text) is None
    assert readable_unit(text) == text


UNITS = [u.um, u.AA, u.nm, u.m, u.mm, u.cm, u.Hz, u.THz, u.GHz, u.cm**-1, u.m**-1, u.eV, u.J]


@given(unit=st.sampled_from(UNITS), values=st.lists(st.floats(1e-3, 1e6), min_size=1))
def test_conversion_to_micron(unit: u.UnitBase, values: list[float]) -> None:
    expected = u.Quantity(values, unit).to_value(u.um, u.spectral())
    np.testing.assert_allclose(to_micron(np.array(values), unit.to_string()), expected, rtol=1e-14)
    assert is_spectral(unit.to_string())


@pytest.mark.parametrize("text", ["Jy", "deg", "s", "", "furlong/x"])
def test_units_that_are_not_spectral(text: str) -> None:
    assert not is_spectral(text)


def test_micron_is_not_converted() -> None:
    values = np.array([1.2, np.nan], "f4")
    assert to_micron(values, "um") is values
    assert to_micron(values, "micron") is values


def test_decimal_factors_are_exact() -> None:
    angstrom = np.arange(10_000, 20_001, 50)
    assert scaled(angstrom, u.AA.to(u.um)).tolist() == [n / 10_000 for n in angstrom]
    assert scaled(np.array([1.2e-6]), u.m.to(u.um)).tolist() == [1.2]


def test_wavelengths_that_are_none() -> None:
    values = np.array([1.0, 0.0, -1.0, np.nan, np.inf])
    np.testing.assert_array_equal(known_wavelengths(values), [1.0] + [np.nan] * 4)
    assert known_wavelengths(values[:1]).base is values
