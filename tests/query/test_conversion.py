"""Conversion of values between units, compared with astropy."""

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.client.parameters import format_value
from spectraldb.query.conversion import conversion, convert_condition
from spectraldb.query.parse import parse_pixels
from spectraldb.query.units import split_units
from spectraldb.schema.columns import by_name
from spectraldb.settings import Settings

FLUX_UNITS = (
    "Jy",
    "mJy",
    "erg / (s cm2 AA)",
    "erg s-1 cm-2 um-1",
    "W m-2 um-1",
    "W / (m2 Hz)",
    "mag(AB)",
    "mag(ST)",
    "dex(Jy)",
    "dB(mJy)",
    "1e-20 erg / (Angstrom s cm2)",
    "ph / (s cm2 um)",
)
PRODUCT_UNITS = ("Jy", "MJy", "uJy", "erg / (s cm2 um)", "W / (m2 um)")
SPECTRAL_UNITS = ("um", "nm", "Angstrom", "m", "THz", "Hz", "1 / cm", "eV", "J", "1 / m")
NUMBERS = st.floats(0.01, 30)


@given(NUMBERS, st.sampled_from(FLUX_UNITS), st.sampled_from(PRODUCT_UNITS), NUMBERS)
def test_flux_is_what_astropy_makes_of_it(
    number: float, unit: str, product_unit: str, wavelength: float
) -> None:
    (condition,) = parse_pixels([("flux.gt", f"{number!r} {unit}")], Settings()).conditions
    (converted,) = convert_condition(condition, [product_unit])
    ours = float(converted.values[0]) * wavelength**converted.wavelength_power
    quantity = number * u.Unit(unit)
    quantity = getattr(quantity, "physical", quantity)
    expected = quantity.to_value(u.Unit(product_unit), u.spectral_density(wavelength * u.um))
    assert ours == pytest.approx(expected, rel=1e-12)


@given(NUMBERS, st.sampled_from(SPECTRAL_UNITS), st.sampled_from(["gt", "lte", "eq"]))
def test_wavelength_is_what_astropy_makes_of_it(number: float, unit: str, operator: str) -> None:
    pair = (f"wavelength.{operator}", f"{number!r} {unit}")
    (condition,) = parse_pixels([pair], Settings()).conditions
    expected = (number * u.Unit(unit)).to_value(u.um, u.spectral())
    assert condition.values[0] == pytest.approx(expected, rel=1e-12)
    assert condition.operator.key == operator


@given(st.tuples(NUMBERS, NUMBERS).filter(lambda v: v[0] < v[1]), st.sampled_from(SPECTRAL_UNITS))
def test_range_has_the_lower_wavelength_first(values: tuple[float, float], unit: str) -> None:
    pair = ("wavelength", f"{values[0]!r},{values[1]!r} {unit}")
    (condition,) = parse_pixels([pair], Settings()).conditions
    expected = np.sort((np.array(values) * u.Unit(unit)).to_value(u.um, u.spectral()))
    np.testing.assert_allclose(np.array(condition.values, "f8"), expected, rtol=1e-12)


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from((*FLUX_UNITS, "Å", "μm", "microns", "JY", "1/cm")),
    st.sampled_from(["", " ", "  "]),
)
def test_number_and_unit_are_split(number: float, unit: str, gap: str) -> None:
    gap = gap or (" " if unit[0].isdigit() else "")
    name = "wavelength" if unit in ("Å", "μm", "microns", "1/cm") else "flux"
    (text,), found = split_units(name, by_name()[name], [f"{number!r}{gap}{unit}"])
    assert float(text) == number
    assert found == unit.strip()


@pytest.mark.parametrize(
    "quantity",
    [
        20 * u.ABmag,
        18.5 * u.STmag,
        2 * u.dex(u.Jy),
        3e-20 * u.Unit("erg / (s cm2 AA)"),
        3 * u.Unit("1e-20 erg / (s cm2 AA)"),
        [1, 2] * u.mJy,
    ],
    ids=str,
)
def test_quantity_of_the_client_is_read_back(quantity: u.Quantity) -> None:
    pair = ("flux", format_value("flux", quantity))
    (condition,) = parse_pixels([pair], Settings()).conditions
    assert condition.unit == quantity.unit.to_string()
    assert list(condition.values) == np.atleast_1d(quantity.value).tolist()


@pytest.mark.parametrize(
    ("unit", "to"), [("m", "Jy"), ("Jy", "DN/s"), ("Jy / sr2", "Jy"), ("MJy / sr", "um")]
)
def test_units_that_do_not_convert(unit: str, to: str) -> None:
    assert conversion(unit, to) is None


def test_statistics_of_spectra_have_no_single_wavelength() -> None:
    pair = ("fluxMedian.gt", "1 erg / (s cm2 AA)")
    (condition,) = parse_pixels([pair], Settings()).conditions
    assert convert_condition(condition, ["Jy"]) == []


@given(NUMBERS, st.sampled_from(["mJy", "erg / (s cm2 AA)", "mag(AB)"]), NUMBERS)
def test_flux_of_a_pixel_area(number: float, unit: str, wavelength: float) -> None:
    area = 4e-13
    (condition,) = parse_pixels([("flux.gt", f"{number!r} {unit}")], Settings()).conditions
    (converted,) = convert_condition(condition, ["MJy/sr"])
    ours = float(converted.values[0]) * wavelength**converted.wavelength_power
    ours *= area**converted.area_power
    quantity = number * u.Unit(unit)
    quantity = getattr(quantity, "physical", quantity)
    in_mjy = quantity.to(u.MJy, u.spectral_density(wavelength * u.um))
    assert ours == pytest.approx((in_mjy / (area * u.sr)).to_value(u.MJy / u.sr), rel=1e-12)
