"""Tests of units: known errors of the pipeline are corrected, and astropy parses all units."""

from pathlib import Path

import pytest
from astropy import units as u

from spectraldb.products.open import open_product
from spectraldb.products.units import calibration_version, corrected_unit
from tests.support.product_files import ProductFile, for_files, path_of


@pytest.mark.parametrize(
    ("name", "unit", "primary", "science", "expected"),
    [
        ("SB_VAR_FLAT", "(MJy/sr)^2", {}, {}, "MJy^2 / sr^2"),
        ("SB_VAR_FLAT", "(MJy / sr)**2", {}, {}, "MJy^2 / sr^2"),
        ("FLUX", "Jy", {"EXP_TYPE": "NIS_SOSS", "CAL_VER": "1.10.0"}, {}, "MJy"),
        ("FLUX", "Jy", {"EXP_TYPE": "NIS_SOSS", "CAL_VER": "1.10.1"}, {}, "Jy"),
        ("FLUX", "Jy", {"EXP_TYPE": "NIS_SOSS", "CAL_VER": "1.4.0"}, {}, "MJy"),
        ("flux_err", "Jy", {"EXP_TYPE": "NIS_SOSS", "CAL_VER": "1.4.6"}, {}, "MJy"),
        ("FLUX", "Jy", {"EXP_TYPE": "NIS_SOSS", "CAL_VER": "1.3.3"}, {}, "Jy"),
        ("FLUX", "Jy", {"EXP_TYPE": "NIS_SOSS", "CAL_VER": "0.13.8a"}, {}, "Jy"),
        ("FLUX", "Jy", {"EXP_TYPE": "NIS_SOSS"}, {}, "Jy"),
        ("FLUX_VAR_FLAT", "Jy^2", {"EXP_TYPE": "NIS_SOSS", "CAL_VER": "1.9.6"}, {}, "MJy^2"),
        ("SURF_BRIGHT", "MJy/sr", {"EXP_TYPE": "NIS_SOSS", "CAL_VER": "1.9.6"}, {}, "MJy/sr"),
        ("SCI", "DN/s", {"CAL_VER": "1.12.5", "S_PHOTOM": "COMPLETE"}, {}, "MJy/sr"),
        ("SCI", "DN/s", {"CAL_VER": "1.12.5", "S_PHOTOM": "SKIPPED"}, {}, "DN/s"),
        ("SCI", "DN/s", {"CAL_VER": "1.14.0", "S_PHOTOM": "COMPLETE"}, {}, "DN/s"),
        (
            "ERR",
            "DN/s",
            {"CAL_VER": "1.12.5", "S_PHOTOM": "COMPLETE", "INSTRUME": "NIRSPEC"},
            {"SRCTYPE": "POINT"},
            "MJy",
        ),
    ],
)
def test_units(
    name: str, unit: str, primary: dict[str, str], science: dict[str, str], expected: str
) -> None:
    corrected = corrected_unit(name, unit, {**primary}, {**science})
    assert corrected == expected
    u.Unit(corrected)


@for_files()
def test_astropy_parses_every_unit(source: ProductFile, tmp_path: Path) -> None:
    with open_product(path_of(source, tmp_path)) as product:
        for column in product.columns():
            u.Unit(column.unit)


@pytest.mark.parametrize(
    ("text", "version"),
    [("1.14.0", (1, 14, 0)), ("0.13.0b.dev17+g027f261c", (0, 13, 0)), ("", (999,))],
)
def test_versions(text: str, version: tuple[int, ...]) -> None:
    assert calibration_version({"CAL_VER": text}) == version
