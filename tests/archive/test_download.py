"""Downloads that fail, are interrupted, or need a token."""

from pathlib import Path

import pytest

from tests.support.archive_server import PREFIX, FakeArchive
from tests.support.fetch_command import Fetch, Held

MRS = "jw99003-o001_t001_miri_ch1-short_x1d.fits"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_failures_are_retried(fetch: Fetch, held: Held, archive: FakeArchive, status: int) -> None:
    archive.failures = [status, status]
    assert fetch(MRS).exit_code == 0
    assert [name for name, _ in archive.downloads] == [MRS] * 3
    assert PREFIX + MRS in held()


def test_broken_download_is_resumed(
    fetch: Fetch, held: Held, archive: FakeArchive, tmp_path: Path
) -> None:
    archive.cut_after = 20_000
    result = fetch(MRS)
    assert result.exit_code == 1
    assert "1 file failed. Run the same command to retry." in result.output
    (partial,) = tmp_path.rglob("*.part")
    assert partial.stat().st_size == 20_000
    archive.downloads.clear()
    assert fetch(MRS).exit_code == 0
    assert archive.downloads == [(MRS, "bytes=20000-")]
    downloaded = Path(held()[PREFIX + MRS].location)
    assert downloaded.read_bytes() == archive.files[MRS].path.read_bytes()


def test_file_of_another_size_is_refused(
    fetch: Fetch, held: Held, archive: FakeArchive, tmp_path: Path
) -> None:
    archive.add(archive.files[MRS].path, listed_size=5)
    result = fetch("--program", "99003")
    assert result.exit_code == 1
    assert "but the archive lists 5. Fetch the file again." in " ".join(result.output.split())
    records = held()
    assert PREFIX + MRS not in records
    assert len(records) == 4
    assert not list(tmp_path.rglob(f"{MRS}*"))


def test_file_that_does_not_exist(fetch: Fetch, held: Held) -> None:
    result = fetch("jw00001-o001_t001_miri_ch1-short_x1d.fits", MRS)
    assert result.exit_code == 1
    assert "The archive does not have this file." in result.output
    assert "Unknown size: 1 file" in result.output
    assert list(held()) == [PREFIX + MRS]


def test_exclusive_access_needs_a_token(
    fetch: Fetch, held: Held, archive: FakeArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add(archive.files[MRS].path, rights="EXCLUSIVE_ACCESS")
    options = ("--program", "99003", "--type", "x1d")
    result = fetch(*options)
    assert "Not yet public: 1 file. Set MAST_API_TOKEN" in " ".join(result.output.split())
    assert MRS not in [name for name, _ in archive.downloads]
    monkeypatch.setenv("MAST_API_TOKEN", "bad")
    result = fetch(*options)
    assert result.exit_code == 1
    assert "the token does not allow access" in " ".join(result.output.split())
    monkeypatch.setenv("MAST_API_TOKEN", "good")
    assert fetch(*options).exit_code == 0
    assert PREFIX + MRS in held()
