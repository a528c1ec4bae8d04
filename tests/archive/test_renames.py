"""Renamed products."""

import shutil
from pathlib import Path

import pytest
from astropy.io import fits

from spectraldb.archive.renames import find_renamed, parse_name, supersedes
from tests.support.archive_server import PREFIX, FakeArchive
from tests.support.fetch_command import Fetch, Held

SLITLET = "jw02736-o007_s06355_nirspec_f290lp-g395m_x1d"
BAND = "jw02732-o004_t004_miri_ch1-short_s3d"
SLITLESS = "jw02736-o003_s00007_niriss_f115w-gr150c_c1d"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (SLITLET, "jw02736-o007_s000006355_nirspec_f290lp-g395m_x1d"),
        (
            "jw01538-o161_s000000001_nirspec_f290lp-g395h-s1600a1_s2d",
            "jw01538-o161_t002-s000000001_nirspec_f290lp-g395h-s1600a1_s2d",
        ),
        ("jw02732-o004_t004_miri_ch1-shortmediumlong_s3d", BAND),
        ("jw02732-o004_t004_miri_ch1-short-_s3d", BAND),
        (BAND, "jw02732-c1001_t004_miri_ch1-short_s3d"),
        (SLITLESS, "jw02736-o003_t001_niriss_f115w-gr150c_c1d"),
    ],
)
def test_new_name_supersedes_the_old_one(old: str, new: str) -> None:
    assert compare(new, old)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (SLITLET, "jw02736-o007_s000006356_nirspec_f290lp-g395m_x1d"),
        (SLITLET, "jw02736-o007_b000006355_nirspec_f290lp-g395m_x1d"),
        (SLITLET, "jw02736-o007_s000006355_nirspec_f290lp-g395m_s2d"),
        (SLITLET, "jw02736-o008_s000006355_nirspec_f290lp-g395m_x1d"),
        (SLITLET, "jw02736-o007_t001_nirspec_f290lp-g395m_x1d"),
        (BAND, "jw02732-o004_t004_miri_ch1-long_s3d"),
        (BAND, "jw02732-o004_t004_miri_ch2-short_s3d"),
        (BAND, "jw02732-o005_t004_miri_ch1-short_s3d"),
        (BAND, "jw02733-c1001_t004_miri_ch1-short_s3d"),
        (SLITLESS, "jw02736-o003_t001_niriss_f115w-gr150r_c1d"),
    ],
)
def test_other_names_do_not_supersede(old: str, new: str) -> None:
    assert not compare(new, old)


def compare(new: str, old: str) -> bool:
    parsed = [parse_name(f"{PREFIX}{name}.fits") for name in (new, old)]
    assert parsed[0]
    assert parsed[1]
    return supersedes(parsed[0], parsed[1])


def test_product_that_the_archive_still_lists_was_not_renamed() -> None:
    old, new = (f"{PREFIX}jw02732-{g}_t004_miri_ch1-short_s3d.fits" for g in ("o004", "c1001"))
    local = "local:mine.0123/Level3_s3d.fits"
    assert find_renamed([new], [old, new, local], lambda _: False) == {old: new}
    assert find_renamed([new], [old, new, local], lambda _: True) == {}


def test_renamed_product_replaces_the_old_one(
    fetch: Fetch,
    archive: FakeArchive,
    held: Held,
    tmp_path: Path,
) -> None:
    old = "jw99001-o002_s00202_nirspec_f290lp-g395m_x1d.fits"
    new = "jw99001-o002_s000000202_nirspec_f290lp-g395m_x1d.fits"
    assert fetch("--program", "99001").exit_code == 0
    before = held()
    downloaded = Path(before[PREFIX + old].location)
    renamed = tmp_path / new
    shutil.copy(archive.files.pop(old).path, renamed)
    fits.setval(renamed, "FILENAME", value=new)
    archive.add(renamed)
    result = fetch("--program", "99001")
    assert result.exit_code == 0, result.output
    assert f"renamed  {PREFIX}{old} is now {PREFIX}{new}" in result.output
    assert held().keys() == (before.keys() - {PREFIX + old}) | {PREFIX + new}
    assert not downloaded.exists()
    assert "To fetch: 0 files" in fetch("--program", "99001").output
