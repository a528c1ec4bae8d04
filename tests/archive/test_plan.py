"""Which of the listed products are downloaded, and in what order."""

import shutil
from pathlib import Path

import pytest
from astropy.io import fits

from spectraldb.archive import fetch as module
from spectraldb.archive.plan import version_numbers
from tests.support.archive_server import PREFIX, FakeArchive
from tests.support.fetch_command import Fetch, Held

MRS = "jw99003-o001_t001_miri_ch1-short_x1d.fits"


def test_held_products_are_not_fetched_again(fetch: Fetch, archive: FakeArchive) -> None:
    fetch("--program", "99003")
    archive.downloads.clear()
    result = fetch("--program", "99003")
    assert "To fetch: 0 files, 0 bytes. Already in the lake: 5." in result.output
    assert not archive.downloads


@pytest.mark.parametrize("grows", [True, False])
def test_reprocessed_product_is_replaced(
    fetch: Fetch, held: Held, archive: FakeArchive, tmp_path: Path, grows: bool
) -> None:
    fetch("--program", "99003")
    newer = tmp_path / MRS
    shutil.copy(archive.files[MRS].path, newer)
    with fits.open(newer, "update") as file:
        file[0].header["CAL_VER"] = "9.8.7"
        if grows:
            file.append(fits.ImageHDU(name="MORE"))
    archive.add(newer)
    archive.downloads.clear()
    result = fetch("--program", "99003")
    assert result.exit_code == 0, result.output
    assert [name for name, _ in archive.downloads] == [MRS]
    assert "1 replaced" in result.output
    assert held()[PREFIX + MRS].cal_version == "9.8.7"


def test_newest_calibration_comes_first(
    fetch: Fetch, archive: FakeArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1.9.4", "1.13.2", "1.8.0"):
        name = f"jw99003-o0{version[2:].replace('.', '')[:2]}_t001_miri_ch1-short_x1d.fits"
        path = tmp_path / name
        shutil.copy(archive.files[MRS].path, path)
        fits.setval(path, "CAL_VER", value=version)
        archive.add(path)
    monkeypatch.setattr(module, "BATCH_FILES", 1)
    fetch("--program", "99003", "--type", "x1d", "--workers", "1")
    versions = [fits.getheader(archive.files[n].path)["CAL_VER"] for n, _ in archive.downloads]
    assert len(versions) == 5
    assert versions == sorted(versions, key=version_numbers, reverse=True)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("CALWEBB 1.13.4", (1, 13, 4)), ("1.9", (1, 9)), ("CALJWST_3.0.0", (3, 0, 0)), ("new", ())],
)
def test_version_numbers(text: str, numbers: tuple[int, ...]) -> None:
    assert version_numbers(text) == numbers
