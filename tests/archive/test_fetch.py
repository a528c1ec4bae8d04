"""Fetching from the archive, of a stand-in that speaks what astroquery and the downloads ask."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits
from typer.testing import CliRunner, Result

from spectraldb.archive import download, fetch, mast
from spectraldb.archive.plan import numbers
from spectraldb.archive.renames import read_name, replaced_by, stands_for
from spectraldb.cancellation import Cancellation
from spectraldb.cli import app
from spectraldb.lake.record import ProductRecord
from spectraldb.sample import write_samples
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.archive_server import PREFIX, Archive, serving

MRS = "jw99003-o001_t001_miri_ch1-short_x1d.fits"
CUBE = "jw99003-o001_t001_miri_ch1-short_s3d.fits"

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    write_samples(folder, lambda _: None)
    return folder


@pytest.fixture
def archive(samples: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.0)
    with serving(Archive()) as served:
        for path in sorted(samples.glob("*.fits")):
            served.add(path)
        yield served


@pytest.fixture
def run(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give the command, which asks the stand-in and fills a lake of its own."""
    monkeypatch.setenv("SPECTRALDB_ARCHIVE", archive.address)
    monkeypatch.setenv("SPECTRALDB_WORKERS", "1")
    monkeypatch.delenv("MAST_API_TOKEN", raising=False)

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["fetch", *words, "--lake", str(tmp_path / "lake")])

    return run


def held(tmp_path: Path) -> dict[str, ProductRecord]:
    service = Service(Settings(lake=tmp_path / "lake"))
    rows = {row.uri: row for row in service.products()}
    service.close()
    return rows


def names(archive: Archive) -> list[str]:
    return [name for name, _ in archive.downloads]


# What is wanted


@pytest.mark.parametrize(
    ("words", "pattern"),
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
def test_what_is_wanted_is_fetched(
    run: Run, archive: Archive, samples: Path, tmp_path: Path, words: list[str], pattern: str
) -> None:
    expected = sorted(path.name for path in samples.glob(pattern))
    assert expected
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert sorted(names(archive)) == expected
    assert sorted(held(tmp_path)) == [PREFIX + name for name in expected]
    for row in held(tmp_path).values():
        assert Path(row["location"]).read_bytes() == (samples / row["fileName"]).read_bytes()
    assert not list(tmp_path.rglob("*.part"))


def test_a_cone(run: Run, archive: Archive, samples: Path, tmp_path: Path) -> None:
    header = fits.getheader(samples / MRS)
    place = f"{header['TARG_RA']} {header['TARG_DEC']}"
    result = run("--around", place, "--radius", "2arcsec", "--type", "x1d")
    assert result.exit_code == 0, result.output
    assert PREFIX + MRS in held(tmp_path)
    assert {row["program"] for row in held(tmp_path).values()} == {"99003"}


def test_an_object_that_name_services_know(
    run: Run, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from astropy.coordinates import SkyCoord  # noqa: PLC0415
    from astroquery.mast import utils  # noqa: PLC0415

    header = fits.getheader(samples / MRS)
    place = SkyCoord(header["TARG_RA"], header["TARG_DEC"], unit="deg")
    asked = []

    def resolve(name: str, **_: Any) -> SkyCoord:
        asked.append(name)
        return place

    monkeypatch.setattr(utils, "resolve_object", resolve)
    assert run("--around", "NGC 7469", "--type", "x1d").exit_code == 0
    assert asked == ["NGC 7469"]
    assert PREFIX + MRS in held(tmp_path)


def test_a_target_by_the_proposers_name(run: Run, archive: Archive, samples: Path) -> None:
    name = fits.getheader(samples / MRS)["TARGPROP"]
    assert run("--target", f"{name[:-2]}*", "--dry-run").exit_code == 0
    result = run("--target", name, "--type", "x1d")
    assert result.exit_code == 0, result.output
    assert MRS in names(archive)


def test_a_dry_run_tells_files_and_bytes(run: Run, archive: Archive, samples: Path) -> None:
    result = run("--program", "99003", "--dry-run")
    files = list(samples.glob("jw99003-*.fits"))
    assert f"to fetch: {len(files)} files" in result.output
    assert "3 s3d, 2 x1d" in result.output
    assert not archive.downloads


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "say what to fetch"),
        (["--program", "99003", "--type", "x2d"], "'x2d' is not of c1d"),
        (["nonsense.fits"], "'nonsense.fits' is no level-3 product, such as mast:JWST"),
        (["--around", "10 20", "--radius", "far"], "'far' is no angle"),
    ],
)
def test_bad_words(run: Run, archive: Archive, words: list[str], told: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert told in result.output
    assert not archive.downloads


def test_nothing_found(run: Run) -> None:
    result = run("--program", "1")
    assert result.exit_code == 0
    assert "to fetch: 0 files" in result.output


def test_an_archive_that_does_not_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECTRALDB_ARCHIVE", "http://127.0.0.1:9")
    result = run("--program", "99003")
    assert result.exit_code == 2
    assert "http://127.0.0.1:9 does not answer as it should" in result.output


# Again


def test_what_is_held_is_left_alone(run: Run, archive: Archive) -> None:
    run("--program", "99003")
    archive.downloads.clear()
    result = run("--program", "99003")
    assert "to fetch: 0 files, 0 bytes; held already: 5" in result.output
    assert not archive.downloads


@pytest.mark.parametrize("grows", [True, False])
def test_what_was_processed_again_is_replaced(
    run: Run, archive: Archive, tmp_path: Path, *, grows: bool
) -> None:
    run("--program", "99003")
    newer = tmp_path / MRS
    shutil.copy(archive.files[MRS].path, newer)
    with fits.open(newer, "update") as file:
        file[0].header["CAL_VER"] = "9.8.7"
        if grows:
            file.append(fits.ImageHDU(name="MORE"))
    archive.add(newer)
    archive.downloads.clear()
    result = run("--program", "99003")
    assert result.exit_code == 0, result.output
    assert names(archive) == [MRS]
    assert "1 replaced" in result.output
    assert held(tmp_path)[PREFIX + MRS]["calVer"] == "9.8.7"


def test_the_newest_calibration_comes_first(
    run: Run, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1.9.4", "1.13.2", "1.8.0"):
        name = f"jw99003-o0{version[2:].replace('.', '')[:2]}_t001_miri_ch1-short_x1d.fits"
        path = tmp_path / name
        shutil.copy(archive.files[MRS].path, path)
        fits.setval(path, "CAL_VER", value=version)
        archive.add(path)
    monkeypatch.setattr(fetch, "INGEST_FILES", 1)
    run("--program", "99003", "--type", "x1d", "--workers", "1")
    versions = [fits.getheader(archive.files[n].path)["CAL_VER"] for n in names(archive)]
    assert len(versions) == 5
    assert versions == sorted(versions, key=numbers, reverse=True)


def test_many_observations_come_in_pages(
    run: Run, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mast, "AT_ONCE", 2)
    from astroquery.mast.discovery_portal import PortalAPI  # noqa: PLC0415

    monkeypatch.setattr(PortalAPI, "PAGESIZE", 2)
    result = run("--instrument", "nirspec", "--dry-run")
    expected = [name for name in archive.files if "_nirspec_" in name]
    assert f"to fetch: {len(expected)} files" in result.output


# On the way


@pytest.mark.parametrize("status", [429, 500, 503])
def test_failures_are_tried_again(run: Run, archive: Archive, tmp_path: Path, status: int) -> None:
    archive.failures = [status, status]
    assert run(MRS).exit_code == 0
    assert names(archive) == [MRS] * 3
    assert PREFIX + MRS in held(tmp_path)


def test_a_file_that_is_cut_off_goes_on(
    run: Run, archive: Archive, samples: Path, tmp_path: Path
) -> None:
    archive.cut = 20_000
    result = run(MRS)
    assert result.exit_code == 1
    assert "failed: 1; the same command tries them again" in result.output
    (part,) = tmp_path.rglob("*.part")
    assert part.stat().st_size == 20_000
    archive.downloads.clear()
    assert run(MRS).exit_code == 0
    assert archive.downloads == [(MRS, "bytes=20000-")]
    row = held(tmp_path)[PREFIX + MRS]
    assert Path(row["location"]).read_bytes() == (samples / MRS).read_bytes()


def test_a_file_of_another_size_is_refused(run: Run, archive: Archive, tmp_path: Path) -> None:
    archive.add(archive.files[MRS].path, listed_size=5)
    result = run("--program", "99003")
    assert result.exit_code == 1
    assert "and the archive lists 5; fetch it again" in " ".join(result.output.split())
    assert PREFIX + MRS not in held(tmp_path)
    assert len(held(tmp_path)) == 4
    assert not list(tmp_path.rglob(f"{MRS}*"))


def test_a_file_that_is_gone(run: Run, archive: Archive, tmp_path: Path) -> None:
    result = run("jw00001-o001_t001_miri_ch1-short_x1d.fits", MRS)
    assert result.exit_code == 1
    assert "the archive has no such file" in result.output
    assert "1 of them are of unknown size" in result.output
    assert list(held(tmp_path)) == [PREFIX + MRS]


def test_no_more_at_once_than_said(run: Run, archive: Archive) -> None:
    assert run("--instrument", "nirspec", "--workers", "2").exit_code == 0
    assert archive.most_at_once <= 2


def test_a_run_that_is_stopped_goes_on(
    run: Run, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has come is taken, and is not fetched again."""
    from spectraldb.cli import fetch as command  # noqa: PLC0415

    class Pressed:
        def __enter__(self) -> Cancellation:
            return Cancellation(lambda: len(archive.downloads) >= 2)

        def __exit__(self, *_: object) -> None:
            """Nothing was changed."""

    monkeypatch.setattr(command, "cancel_on_interrupt", Pressed)
    result = run("--program", "99003", "--workers", "1")
    assert result.exit_code == 130
    assert "the same command goes on from there" in result.output
    some = len(held(tmp_path))
    assert 0 < some < 5
    monkeypatch.undo()
    monkeypatch.setenv("SPECTRALDB_ARCHIVE", archive.address)
    assert run("--program", "99003").exit_code == 0
    assert len(held(tmp_path)) == 5
    assert names(archive).count(names(archive)[0]) == 1


def test_exclusive_access_needs_a_token(
    run: Run, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add(archive.files[MRS].path, rights="EXCLUSIVE_ACCESS")
    result = run("--program", "99003", "--type", "x1d")
    assert "not public yet: 1; set MAST_API_TOKEN" in " ".join(result.output.split())
    assert MRS not in names(archive)
    monkeypatch.setenv("MAST_API_TOKEN", "bad")
    result = run("--program", "99003", "--type", "x1d")
    assert result.exit_code == 1
    assert "the token does not allow it" in " ".join(result.output.split())
    monkeypatch.setenv("MAST_API_TOKEN", "good")
    assert run("--program", "99003", "--type", "x1d").exit_code == 0
    assert PREFIX + MRS in held(tmp_path)


def test_watching_looks_again(
    run: Run, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spectraldb.cli import fetch as command  # noqa: PLC0415

    waited = []

    def wait(hours: float, _: object) -> bool:
        waited.append(hours)
        name = MRS.replace("o001", "o009")
        shutil.copy(archive.files[MRS].path, tmp_path / name)
        archive.add(tmp_path / name)
        return len(waited) < 2

    monkeypatch.setattr(command, "wait_for", wait)
    assert run("--program", "99003", "--type", "x1d", "--watch", "6").exit_code == 0
    assert waited == [6.0, 6.0]
    assert len(held(tmp_path)) == 3


# Names that changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "jw02736-o007_s06355_nirspec_f290lp-g395m_x1d",
            "jw02736-o007_s000006355_nirspec_f290lp-g395m_x1d",
        ),
        (
            "jw01538-o161_s000000001_nirspec_f290lp-g395h-s1600a1_s2d",
            "jw01538-o161_t002-s000000001_nirspec_f290lp-g395h-s1600a1_s2d",
        ),
        ("jw02732-o004_t004_miri_ch1-shortmediumlong_s3d", "jw02732-o004_t004_miri_ch1-short_s3d"),
        ("jw02732-o004_t004_miri_ch1-short-_s3d", "jw02732-o004_t004_miri_ch1-short_s3d"),
        ("jw02732-o004_t004_miri_ch1-short_s3d", "jw02732-c1001_t004_miri_ch1-short_s3d"),
        (
            "jw02736-o003_s00007_niriss_f115w-gr150c_c1d",
            "jw02736-o003_t001_niriss_f115w-gr150c_c1d",
        ),
    ],
)
def test_new_names_stand_for_old_ones(old: str, new: str) -> None:
    assert _stands(new, old)


SLITLET = "jw02736-o007_s06355_nirspec_f290lp-g395m_x1d"
BAND = "jw02732-o004_t004_miri_ch1-short_s3d"


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
        (
            "jw02736-o003_s00007_niriss_f115w-gr150c_c1d",
            "jw02736-o003_t001_niriss_f115w-gr150r_c1d",
        ),
    ],
)
def test_other_products_do_not(old: str, new: str) -> None:
    assert not _stands(new, old)


def _stands(new: str, old: str) -> bool:
    one, other = (read_name(f"{PREFIX}{name}.fits") for name in (new, old))
    assert one
    assert other
    return stands_for(one, other)


def test_what_the_archive_still_has_was_not_renamed() -> None:
    old, new = (f"{PREFIX}jw02732-{g}_t004_miri_ch1-short_s3d.fits" for g in ("o004", "c1001"))
    other = "local:mine.0123/Level3_s3d.fits"
    assert replaced_by([new], [old, new, other], lambda _: False) == {old: new}
    assert replaced_by([new], [old, new, other], lambda _: True) == {}


def test_a_renamed_product_replaces_the_old_one(run: Run, archive: Archive, tmp_path: Path) -> None:
    old = "jw99001-o002_s00202_nirspec_f290lp-g395m_x1d.fits"
    new = "jw99001-o002_s000000202_nirspec_f290lp-g395m_x1d.fits"
    assert run("--program", "99001").exit_code == 0
    before = held(tmp_path)
    path = Path(before[PREFIX + old]["location"])
    renamed = tmp_path / new
    shutil.copy(archive.files.pop(old).path, renamed)
    fits.setval(renamed, "FILENAME", value=new)
    archive.add(renamed)
    result = run("--program", "99001")
    assert result.exit_code == 0, result.output
    assert f"renamed  {PREFIX}{old} is {PREFIX}{new} now" in result.output
    assert held(tmp_path).keys() == (before.keys() - {PREFIX + old}) | {PREFIX + new}
    assert not path.exists()
    assert "to fetch: 0 files" in run("--program", "99001").output
