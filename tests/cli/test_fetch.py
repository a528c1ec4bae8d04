"""The command `fetch`: what it prints, and watching."""

import shutil
from pathlib import Path

import pytest

from spectraldb.cli import fetch as command
from tests.support.archive_server import FakeArchive
from tests.support.fetch_command import Fetch, Held

MRS = "jw99003-o001_t001_miri_ch1-short_x1d.fits"


def test_dry_run_prints_files_and_bytes(fetch: Fetch, archive: FakeArchive) -> None:
    result = fetch("--program", "99003", "--dry-run")
    sizes = [f.path.stat().st_size for n, f in archive.files.items() if n.startswith("jw99003")]
    assert f"To fetch: {len(sizes)} files, {sum(sizes) / 1e6:.1f} MB" in result.output
    assert "3 s3d, 2 x1d" in result.output
    assert not archive.downloads


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Specify what to fetch"),
        (["--program", "99003", "--type", "x2d"], "--type: Must be one of c1d"),
        (["nonsense.fits"], "'nonsense.fits' is not a level-3 product. Example: mast:JWST"),
        (["--around", "10 20", "--radius", "far"], "'far' is not an angle"),
    ],
)
def test_invalid_options(
    fetch: Fetch, archive: FakeArchive, options: list[str], message: str
) -> None:
    result = fetch(*options)
    assert result.exit_code == 2
    assert message in result.output
    assert not archive.downloads


def test_watching_fetches_new_products(
    fetch: Fetch,
    held: Held,
    archive: FakeArchive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits = []

    def wait(hours: float, _: object) -> bool:
        waits.append(hours)
        path = tmp_path / MRS.replace("o001", "o009")
        shutil.copy(archive.files[MRS].path, path)
        archive.add(path)
        return len(waits) < 2

    monkeypatch.setattr(command, "wait_for", wait)
    assert fetch("--program", "99003", "--type", "x1d", "--watch", "6").exit_code == 0
    assert waits == [6.0, 6.0]
    assert len(held()) == 3
