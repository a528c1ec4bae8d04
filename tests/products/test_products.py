"""Names, cards, units, positions: the small readers, each against its authority."""

from pathlib import Path

import pytest
from astropy import units as u
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.errors import RefusedError
from spectraldb.products.names import local_uri, mast_uri, parse_level3
from spectraldb.products.open import open_product
from spectraldb.products.position import header_position
from spectraldb.products.units import calibration_version, corrected_unit
from tests.support.layouts import LAYOUTS, Layout, write_layout

LEVEL3 = [
    "jw02736-o007_s06355_nirspec_f290lp-g395m_x1d.fits",
    "jw02565-o007_s000020115_nirspec_clear-prism_s2d.fits",
    "jw02123-o001_v000000353_nirspec_f170lp-g235h_s2d.fits",
    "jw01309-o022_b000000021_nirspec_f290lp-g395h-s200a1-allslits_x1d.fits",
    "jw01538-o161_t002-s000000001_nirspec_f290lp-g395h-s1600a1_s2d.fits",
    "jw01538-o160_s00004_nirspec_f170lp-g235h-s1600a1-sub2048_s2d.fits",
    "jw01373-o019_t001_nirspec_g395h-f290lp_s3d.fits",
    "jw02732-c1001_t004_miri_ch1-short_s3d.fits",
    "jw02732-o004_t004_miri_ch1-shortmediumlong_s3d.fits",
    "jw02732-o004_t004_miri_ch1-shortmediumlong-_s3d.fits",
    "jw01530-o005_t004_miri_p750l_s2d.fits",
    "jw01536-o028_t008_miri_p750l-slitlessprism_x1dints.fits",
    "jw01091-o002_t001_niriss_clear-gr700xd-substrip256_x1dints.fits",
    "jw01366-o002_t001_nircam_f322w2-grismr-subgrism256_x1dints.fits",
    "jw02736-o003_t001_niriss_f115w-gr150c_c1d.fits",
    "jw01076-o103_t0000_nircam_f356w-grismr_x1d.fits",
    "jw80600-o009_t001-epoch1_miri_p750l_x1d.fits",
    "jw87600-a3001_t001_niriss_clear-gr700xd_x1dints.fits",
    "jw01039-o004_t001_miri_ch3-long_x1d.fits.gz",
]

OTHER = [
    "jw02565007001_03101_00002_nrs2_x1d.fits",
    "jw02736-o007_s06355_nirspec_f290lp-g395m_cal.fits",
    "hlsp_jades_jwst_nirspec_goods-s_clear-prism_v1.0_x1d.fits",
    "jw01252-o001_t004_miri_p750l_o003_masterbg1d.fits",
    "Level3_ch4-short_s3d.fits",
    "jw01022-o023_t001_miri_ch2-short_s3d_nav.fits",
]


@pytest.mark.parametrize("name", LEVEL3)
def test_level3_names(name: str) -> None:
    parsed = parse_level3(name)
    assert parsed is not None
    assert parsed.product_type == name.removesuffix(".gz").removesuffix(".fits").rsplit("_", 1)[1]
    assert parsed.program == name[2:7]
    assert mast_uri(name) == "mast:JWST/product/" + name.removesuffix(".gz")


@pytest.mark.parametrize("name", OTHER)
def test_other_names(name: str) -> None:
    assert parse_level3(name) is None


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_two_places_share_a_local_uri(a: str, b: str) -> None:
    first, second = Path("/data", a, "x1d.fits"), Path("/data", b, "x1d.fits")
    assert (local_uri(str(first)) == local_uri(str(second))) == (str(first) == str(second))
    assert "/data/" not in local_uri(str(first))


@pytest.mark.parametrize(
    ("name", "unit", "primary", "science", "right"),
    [
        ("SB_VAR_FLAT", "(MJy/sr)^2", {}, {}, "MJy^2 / sr^2"),
        ("SB_VAR_FLAT", "(MJy / sr)**2", {}, {}, "MJy^2 / sr^2"),
        ("FLUX", "Jy", {"EXP_TYPE": "NIS_SOSS", "CAL_VER": "1.10.0"}, {}, "MJy"),
        ("FLUX", "Jy", {"EXP_TYPE": "NIS_SOSS", "CAL_VER": "1.10.1"}, {}, "Jy"),
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
    name: str, unit: str, primary: dict[str, str], science: dict[str, str], right: str
) -> None:
    got = corrected_unit(name, unit, {**primary}, {**science})
    assert got == right
    u.Unit(got)


def test_every_unit_can_be_read(layout_folder: Path) -> None:
    for layout in LAYOUTS:
        with open_product(layout_folder / layout.key / layout.file_name) as product:
            for column in product.columns():
                u.Unit(column.unit)


@pytest.mark.parametrize(
    ("text", "version"),
    [("1.14.0", (1, 14, 0)), ("0.13.0b.dev17+g027f261c", (0, 13, 0)), ("", (999,))],
)
def test_versions(text: str, version: tuple[int, ...]) -> None:
    assert calibration_version({"CAL_VER": text}) == version


def test_positions() -> None:
    target = {"TARG_RA": 10.0, "TARG_DEC": -20.0}
    assert header_position({}, target).origin == "target"
    assert header_position({"SRCRA": 0.0, "SRCDEC": 0.0}, target).origin == "target"
    source = header_position(
        {"SRCRA": -1.0, "SRCDEC": 5.0, "SLIT_RA": 3.0, "SLIT_DEC": 4.0}, target
    )
    assert (source.ra, source.dec, source.origin) == (359.0, 5.0, "source")
    assert header_position({}, {}).ra is None


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.key)
def test_layout_is_recognised(layout: Layout, tmp_path: Path) -> None:
    with open_product(write_layout(layout, tmp_path)) as product:
        assert product.product_type == layout.product_type
        absent = sum(s["nPixels"] == 0 for s in product.spectra())
        assert product.n_spectra - absent == layout.spectra
        assert product.units["flux"] == layout.flux_unit


@pytest.mark.parametrize("cut", [1, 80, 2880, 2881, 5760, 20000])
def test_cut_files_are_refused(cut: int, tmp_path: Path) -> None:
    path = write_layout(next(x for x in LAYOUTS if x.key == "s3d-linear"), tmp_path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(RefusedError):
        open_product(path)
