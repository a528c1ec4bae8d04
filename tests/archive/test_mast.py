"""Products found by queries of the archive."""

from pathlib import Path
from typing import Any

import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits

from spectraldb.archive import mast
from tests.support.archive_server import PREFIX, FakeArchive
from tests.support.fetch_command import Fetch, Held

MRS = "jw99003-o001_t001_miri_ch1-short_x1d.fits"
CUBE = "jw99003-o001_t001_miri_ch1-short_s3d.fits"


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        (["--program", "99003"], "jw99003-*.fits"),
        (["--program", "99001", "--program", "99004"], "jw9900[14]-*.fits"),
        (["--program", "99003", "--type", "x1d"], "jw99003-*_x1d.fits"),
        (["--program", "99003", "--type", "S3D, x1d"], "jw99003-*_[xs]?d.fits"),
        (["--instrument", "niriss"], "*_niriss_*.fits"),
        (["--instrument", "miri", "--type", "s2d"], "*_miri_*_s2d.fits"),
        ([MRS], MRS),
        ([PREFIX + MRS, CUBE], "jw99003-o001_t001_miri_ch1-short_*.fits"),
    ],
)
def test_products_of_a_query_are_fetched(
    fetch: Fetch, held: Held, archive: FakeArchive, options: list[str], pattern: str
) -> None:
    files = {name: file.path for name, file in archive.files.items() if file.path.match(pattern)}
    assert files
    result = fetch(*options)
    assert result.exit_code == 0, result.output
    assert sorted(name for name, _ in archive.downloads) == sorted(files)
    records = held()
    assert sorted(records) == sorted(PREFIX + name for name in files)
    for record in records.values():
        location = Path(record.location)
        assert location.read_bytes() == files[record.file_name].read_bytes()
        assert not list(location.parent.glob("*.part"))


def test_cone(fetch: Fetch, held: Held, sample_folder: Path) -> None:
    header = fits.getheader(sample_folder / MRS)
    position = f"{header['TARG_RA']} {header['TARG_DEC']}"
    result = fetch("--around", position, "--radius", "2arcsec", "--type", "x1d")
    assert result.exit_code == 0, result.output
    records = held()
    assert PREFIX + MRS in records
    assert {record["program"] for record in records.values()} == {"99003"}


def test_object_that_a_name_service_resolves(
    fetch: Fetch, held: Held, sample_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from astroquery.mast import utils  # noqa: PLC0415 - takes a second

    header = fits.getheader(sample_folder / MRS)
    position = SkyCoord(header["TARG_RA"], header["TARG_DEC"], unit="deg")
    resolved = []

    def resolve(name: str, **_: Any) -> SkyCoord:
        resolved.append(name)
        return position

    monkeypatch.setattr(utils, "resolve_object", resolve)
    assert fetch("--around", "NGC 7469", "--type", "x1d").exit_code == 0
    assert resolved == ["NGC 7469"]
    assert PREFIX + MRS in held()


def test_target_name_in_the_proposal(
    fetch: Fetch, archive: FakeArchive, sample_folder: Path
) -> None:
    name = fits.getheader(sample_folder / MRS)["TARGPROP"]
    assert fetch("--target", f"{name[:-2]}*", "--dry-run").exit_code == 0
    result = fetch("--target", name, "--type", "x1d")
    assert result.exit_code == 0, result.output
    assert MRS in [name for name, _ in archive.downloads]


def test_nothing_found(fetch: Fetch) -> None:
    result = fetch("--program", "1")
    assert result.exit_code == 0
    assert "To fetch: 0 files" in result.output


def test_archive_that_does_not_answer(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECTRALDB_ARCHIVE", "http://127.0.0.1:9")
    result = fetch("--program", "99003")
    assert result.exit_code == 2
    assert "http://127.0.0.1:9: The archive does not answer" in result.output


def test_pages_of_many_observations(
    fetch: Fetch, archive: FakeArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    from astroquery.mast.discovery_portal import PortalAPI  # noqa: PLC0415 - takes a second

    monkeypatch.setattr(mast, "OBSERVATIONS_PER_REQUEST", 2)
    monkeypatch.setattr(PortalAPI, "PAGESIZE", 2)
    result = fetch("--instrument", "nirspec", "--dry-run")
    expected = [name for name in archive.files if "_nirspec_" in name]
    assert f"To fetch: {len(expected)} files" in result.output
