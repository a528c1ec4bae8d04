"""Tests of level-3 file names and of the URIs of products."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.products.names import local_uri, mast_uri, parse_level3

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
def test_local_uris_are_unique(a: str, b: str) -> None:
    first, second = Path("/data", a, "x1d.fits"), Path("/data", b, "x1d.fits")
    assert (local_uri(str(first)) == local_uri(str(second))) == (str(first) == str(second))
    assert "/data/" not in local_uri(str(first))


def test_each_attempt_has_its_own_uri() -> None:
    uris = [local_uri("/data/x1d.fits", attempt) for attempt in range(3)]
    assert len(set(uris)) == 3
    assert all(uri.startswith("local:data.") and uri.endswith("/x1d.fits") for uri in uris)
    assert local_uri("/x1d.fits").startswith("local:files.")
