"""A lake in a bucket, and files in buckets: on a real store that speaks S3."""

import multiprocessing
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from spectraldb.api.app import create_app
from spectraldb.cli import app
from spectraldb.errors import (
    BadQueryError,
    FileChangedError,
    FileGoneError,
    LakeError,
    LimitError,
    NotHeldError,
)
from spectraldb.ingest.outcome import Fate
from spectraldb.maintenance.progress import Step
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.bucket_store import BucketStore
from spectraldb.storage.lock import bucket_lock
from spectraldb.storage.s3 import Access, Bucket, VersionedObject
from spectraldb.storage.source import ObjectSource, shared_bucket
from spectraldb.storage.temporary import temporary_path
from tests.conftest import REAL, real_paths
from tests.support.layouts import LAYOUTS, write_layout
from tests.support.seaweed import BUCKET, KEYS, Seaweed

pytestmark = pytest.mark.usefixtures("real_folder")
ALL = [("product", "all")]
BY_KEY = {layout.key: layout for layout in LAYOUTS}


@pytest.fixture
def place(request: pytest.FixtureRequest) -> str:
    """Give each test a lake of its own."""
    return f"{request.node.name.replace('[', '-').replace(']', '')}/lake"


@pytest.fixture
def bucket(seaweed: Seaweed, place: str) -> Bucket:
    """Give a folder for files in a bucket."""
    return Bucket(f"s3://{BUCKET}/{place}/../files".replace("/lake/..", ""), access(seaweed))


@pytest.fixture
def machines(
    seaweed: Seaweed, place: str, tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Machines]":
    found = Machines(seaweed, place, tmp_path_factory)
    yield found
    for service in found.services:
        service.close()


class Machines:
    """Machines that share a lake in a bucket, each with a cache of its own."""

    def __init__(self, seaweed: Seaweed, lake: str, folders: pytest.TempPathFactory) -> None:
        self.seaweed, self.lake, self.folders = seaweed, lake, folders
        self.services: list[Service] = []

    def settings(self, **others: Any) -> Settings:
        return self.seaweed.settings(self.folders, self.lake, **others)

    def new(self, *, create: bool = False, **others: Any) -> Service:
        service = Service(self.settings(**others), create=create)
        self.services.append(service)
        return service


def access(seaweed: Seaweed) -> Access:
    return Access(seaweed.endpoint, "us-east-1")


def copies(folder: Path, count: int) -> list[Path]:
    """Return files of as many products."""
    source = write_layout(BY_KEY["x1d-mos"], folder)
    target = folder / "many"
    target.mkdir()
    paths = [target / f"jw01234-o001_s{i:09d}_nirspec_f290lp-g395m_x1d.fits" for i in range(count)]
    for path in paths:
        shutil.copy(source, path)
    return paths


def in_lake(service: Service) -> int:
    """Check that every product is whole, and return how many there are."""
    answer = service.search([*ALL, ("group", "True"), ("columns", "nStored"), ("limit", "1000")])
    assert answer.rows.num_rows == len(service.products())
    for row in answer.rows.to_pylist():
        assert row["matched"] == row["nStored"]
    return len(answer.rows)


# Searching and retrieving

QUERIES = [
    "wavelength=1.2,1.3&flux.gte=0.00001&columns=derSnr,ra,dec",
    "product=s3d&wavelength=5,5.1&sort_by=-flux&limit=50",
    "product=all&group=True&columns=nStored",
    "product=s2d&derSnr.gt=1&good=true&limit=3000",
    "product=s3d&ra=345.815&dec=8.874&radius=2arcsec&limit=500",
    "product=x1d&flux.gte=3mJy",
]


def pairs(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (word.partition("=") for word in query.split("&"))]


@pytest.mark.parametrize("state", ["fresh", "optimized"])
def test_answers_are_those_of_a_folder(machines: Machines, real: Service, state: str) -> None:
    with closing(machines.new(create=True)) as writer:
        assert not writer.ingest([REAL]).refused
        if state == "optimized":
            assert writer.optimize(grace=0).segments == 3 + 1
    other = machines.new()
    by_uri = [("sort_by", "uri,spectrum,pixel")]
    for query in QUERIES:
        asked = pairs(query)
        assert other.count(asked).pixels == real.count(asked).pixels
        if "sort_by" not in query and "group" not in query:
            asked += by_uri
        assert without_ids(other.search(asked).rows) == without_ids(real.search(asked).rows)
    asked = [("product", "s3d"), *by_uri]
    ours, theirs = (pa.Table.from_batches(s.stream(asked).batches()) for s in (other, real))
    assert ours.equals(theirs)
    found = other.search_products([("derSnr.gt", "5"), ("sort_by", "uri")]).rows
    assert found["uri"].equals(
        real.search_products([("derSnr.gt", "5"), ("sort_by", "uri")]).rows["uri"]
    )


def without_ids(rows: pa.Table) -> list[dict[str, Any]]:
    """Return rows without the numbers that each lake gives products, ties in one order."""
    kept = rows.select([name for name in rows.column_names if name != "productId"]).to_pylist()
    return sorted(kept, key=str)


def test_copies_are_retrieved_from_another_machine(
    machines: Machines, real: Service, tmp_path: Path
) -> None:
    writer = machines.new(create=True)
    folder = tmp_path / "files"
    shutil.copytree(REAL, folder)
    assert not writer.ingest([folder], copy=True).refused
    shutil.rmtree(folder)
    other = machines.new()
    by_checksum = {row["checksum"]: row for row in real.products()}
    assert len(other.products()) == len(by_checksum) == len(real_paths())
    for row in other.products():
        same = by_checksum[row["checksum"]]
        assert row["location"].startswith(f"s3://{BUCKET}/")
        kept, name = other.file(row["uri"])
        assert name == same["fileName"]
        assert kept.read_bytes() == Path(same["location"]).read_bytes()
        with other.retrieve(row["uri"]) as ours, real.retrieve(same["uri"]) as theirs:
            for mine, yours in zip(ours.answer.columns, theirs.answer.columns, strict=True):
                assert mine.name == yours.name
                for a, b in zip(mine.chunks(), yours.chunks(), strict=True):
                    assert a.tobytes() == b.tobytes()
    uri = other.products()[0]["uri"]
    gone = other.find(uri)["location"]
    other.remove([uri])
    assert not list(Bucket(gone, access(machines.seaweed)).list())


def test_the_page_and_the_api_serve_it(machines: Machines) -> None:
    machines.new(create=True).ingest([REAL], copy=True)
    service = machines.new()
    uri = service.products()[0]["uri"]
    with TestClient(create_app(service)) as client:
        base = "/spectra/api/v0.1"
        assert client.get("/ready").status_code == 200
        assert client.get(f"{base}/search?wavelength=1.2,1.3").json()["results"]
        assert client.get(f"{base}/retrieve?uri={uri}").status_code == 200
        assert (
            len(client.get(f"{base}/retrieve/file?uri={uri}").content)
            == (service.find(uri)["fileSize"])
        )


# Files in buckets


def upload(bucket: Bucket, paths: list[Path], folder: str = "") -> None:
    for path in paths:
        bucket.upload(path, folder + path.name)


def test_files_of_a_bucket_stay_where_they_are(
    machines: Machines, bucket: Bucket, tmp_path: Path
) -> None:
    paths = copies(tmp_path, 4)
    upload(bucket, paths[:2], "deep/er/")
    upload(bucket, paths[2:])
    (tmp_path / "notes.txt").write_text("no product")
    bucket.upload(tmp_path / "notes.txt", "notes.txt")
    writer = machines.new(create=True)
    assert writer.ingest([f"{bucket.uri}/*00002_*.fits"]).count(Fate.TAKEN) == 1
    assert writer.ingest([f"{bucket.uri}/{paths[3].name}"]).count(Fate.TAKEN) == 1
    summary = writer.ingest([bucket.uri])
    assert (summary.count(Fate.TAKEN), summary.count(Fate.UNCHANGED)) == (2, 2)
    other = machines.new()
    assert in_lake(other) == 4
    for path in paths:
        assert other.file(file_name=path.name)[0].read_bytes() == path.read_bytes()


def test_what_did_not_change_is_not_read_again(
    machines: Machines, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(bucket, copies(tmp_path, 2))
    service = machines.new(create=True)
    service.ingest([bucket.uri])
    # Else it is read again, for a store's seconds do not tell whether it was written since.
    monkeypatch.setattr("spectraldb.ingest.worker.SETTLED_SECONDS", -10.0)
    monkeypatch.setattr(ObjectSource, "localized", lambda *_: pytest.fail("it was read"))
    assert service.ingest([bucket.uri]).count(Fate.UNCHANGED) == 2


def test_an_object_that_changes(machines: Machines, bucket: Bucket, tmp_path: Path) -> None:
    name = "own_x1d.fits"
    bucket.upload(write_layout(BY_KEY["x1d-mos"], tmp_path), name)
    service = machines.new(create=True)
    (outcome,) = service.ingest([f"{bucket.uri}/{name}"]).outcomes
    assert outcome.uri.startswith("local:")
    before = service.file(outcome.uri)[0].read_bytes()
    bucket.upload(write_layout(BY_KEY["x1d-mrs"], tmp_path), name)
    with pytest.raises(FileChangedError, match="ingest"):
        service.retrieve(outcome.uri)
    (again,) = service.ingest([f"{bucket.uri}/{name}"]).outcomes
    assert (again.fate, again.uri) == (Fate.REPLACED, outcome.uri)
    assert service.file(outcome.uri)[0].read_bytes() != before
    bucket.delete([name])
    with pytest.raises(FileGoneError):
        service.retrieve(outcome.uri)
    missing = service.ingest([f"{bucket.uri}/{name}"]).refused
    assert [each.reason for each in missing] == ["there is no such file"]


def test_files_of_a_bucket_in_a_lake_of_a_folder(
    seaweed: Seaweed, bucket: Bucket, tmp_path: Path
) -> None:
    paths = copies(tmp_path, 2)
    upload(bucket, paths)
    settings = Settings(
        lake=tmp_path / "lake", cache=tmp_path / "cache", s3_endpoint=seaweed.endpoint
    )
    with closing(Service(settings, create=True)) as service:
        service.ingest([bucket.uri], copy=True)
        bucket.delete([path.name for path in paths])
        assert service.file(file_name=paths[0].name)[0].read_bytes() == paths[0].read_bytes()


def test_what_cannot_be_looked_at_is_not_taken_for_gone(
    seaweed: Seaweed, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (level3,) = copies(tmp_path, 1)
    own = Path(shutil.copy(level3, tmp_path / "own_x1d.fits"))
    upload(bucket, [level3, own])
    settings = Settings(
        lake=tmp_path / "lake", cache=tmp_path / "cache", s3_endpoint=seaweed.endpoint
    )
    with closing(Service(settings, create=True)) as service:
        service.ingest([bucket.uri])
        before = service.products()
        with monkeypatch.context() as patch:
            patch.setenv("AWS_SECRET_ACCESS_KEY", "another")
            shared_bucket.cache_clear()
            refused = service.ingest([level3, own]).refused
        assert len(refused) == 2
        assert all("403 Forbidden" in outcome.reason for outcome in refused)
        assert service.products() == before
        shared_bucket.cache_clear()
        bucket.delete([level3.name, own.name])
        assert service.ingest([level3, own]).count(Fate.MOVED) == 2


# Several writers


def _ingest(settings: Settings, paths: list[Path]) -> None:
    with closing(Service(settings, create=True)) as service:
        assert not service.ingest(paths).refused


def test_writers_on_several_machines(machines: Machines, tmp_path: Path) -> None:
    paths = copies(tmp_path, 24)
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=_ingest, args=(machines.settings(workers=1), paths[i::4]))
        for i in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert in_lake(machines.new()) == 24


def test_another_machine_sees_what_is_committed(machines: Machines, tmp_path: Path) -> None:
    writer = machines.new(create=True)
    reader = machines.new()
    assert in_lake(reader) == 0
    paths = copies(tmp_path, 3)
    for count, path in enumerate(paths, 1):
        writer.ingest([path])
        time.sleep(1.1)
        assert in_lake(reader) == count
    before = reader.search(ALL).version
    writer.optimize(grace=0)
    writer.remove([paths[0].name])
    time.sleep(1.1)
    assert in_lake(reader) == 2
    assert reader.search([*ALL, ("version", str(before)), ("group", "True")]).rows.num_rows == 3
    writer.optimize(grace=0, keep_days=0)
    with pytest.raises(NotHeldError, match="has no version"):
        machines.new().search([*ALL, ("version", "1")])
    assert in_lake(machines.new()) == 2


def test_one_machine_at_a_time_optimizes(machines: Machines, seaweed: Seaweed) -> None:
    service = machines.new(create=True)
    where = Bucket(str(service.settings.lake), access(seaweed))
    at_work = pytest.raises(LakeError, match="another process is at work to optimize this lake")
    with bucket_lock(where, "optimize.lock"), at_work:
        service.optimize()
    service.optimize()
    assert not where.exists("optimize.lock")


def test_the_lock_of_a_machine_that_is_gone(
    machines: Machines, seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = machines.new(create=True)
    Bucket(str(service.settings.lake), access(seaweed)).create("optimize.lock", b"gone 1")
    monkeypatch.setattr("spectraldb.storage.lock.DEAD_SECONDS", -5.0)
    service.optimize()


def test_a_lock_that_another_took_over_is_left_to_it(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bucket_lock(bucket, "a.lock") as slept:
        slept.check()
        monkeypatch.setattr("spectraldb.storage.lock.DEAD_SECONDS", -5.0)
        with bucket_lock(bucket, "a.lock") as awake:
            monkeypatch.setattr("spectraldb.storage.lock.HEARTBEAT_SECONDS", -1.0)
            with pytest.raises(LakeError, match="another process took over"):
                slept.check()
            awake.check()
        assert not bucket.exists("a.lock")
        with bucket_lock(bucket, "a.lock"):
            pass
        assert bucket.create("a.lock", b"a third")
    assert bucket.get("a.lock") == b"a third"


def test_of_two_that_find_a_lock_dead_one_takes_it(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.create("a.lock", b"gone 1")
    monkeypatch.setattr("spectraldb.storage.lock.DEAD_SECONDS", -5.0)
    look = Bucket.get_versioned

    def look_too_late(where: Bucket, name: str) -> VersionedObject:
        seen = look(where, name)
        if seen.data == b"gone 1":
            assert where.replace(name, seen, b"the first")
        return seen

    monkeypatch.setattr(Bucket, "get_versioned", look_too_late)
    with pytest.raises(LakeError, match="another process"), bucket_lock(bucket, "a.lock"):
        pytest.fail("two hold it")
    assert bucket.get("a.lock") == b"the first"


def test_optimize_ends_once_another_machine_took_over(
    machines: Machines, seaweed: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = machines.new(create=True)
    for path in copies(tmp_path, 2):
        service.ingest([path])
    where = Bucket(str(service.settings.lake), access(seaweed))

    def taken_over(_: Step) -> None:
        monkeypatch.setattr("spectraldb.storage.lock.HEARTBEAT_SECONDS", -1.0)
        where.delete(["optimize.lock"])
        where.create("optimize.lock", b"another")

    with pytest.raises(LakeError, match="another process took over"):
        service.optimize(report=taken_over)
    assert where.get("optimize.lock") == b"another"
    assert in_lake(service) == 2


def test_what_broken_off_work_left_is_deleted(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = machines.new(create=True)
    service.ingest(copies(tmp_path, 1))
    left = service.lake.folder / "SpectralPixel" / "productType=x1d" / "abc.parquet"
    made = temporary_path(left)
    made.write_bytes(b"1234")
    service.lake.store.put(made, left)
    assert service.optimize(grace=0).freed == 0
    monkeypatch.setattr("spectraldb.maintenance.vacuum.LONG_AGO_SECONDS", -5.0)
    assert service.optimize(grace=0).freed == 4
    assert not left.exists()
    assert in_lake(machines.new()) == 1


# A store that goes away


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seaweed]:
    """Give a store that may be killed."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    store = Seaweed(tmp_path / "seaweed")
    store.start()
    yield store
    store.kill()


def test_killed_in_the_middle_of_an_ingest(
    own: Seaweed, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    paths = copies(tmp_path, 40)
    settings = own.settings(tmp_path_factory, workers=1)
    done = threading.Event()

    def kill_then() -> None:
        done.wait()
        own.kill()

    with closing(Service(settings, create=True)) as service, pytest.MonkeyPatch.context() as patch:
        patch.setattr("spectraldb.ingest.run.BATCH_FILES", 4)
        killer = threading.Thread(target=kill_then)
        killer.start()
        with pytest.raises(LakeError, match="the lake cannot be written"):
            service.ingest(paths, report=lambda _: done.set())
        killer.join()
    own.start()
    with closing(Service(own.settings(tmp_path_factory))) as service:
        taken = in_lake(service)
        assert 4 <= taken < 40
        summary = service.ingest(paths)
        assert summary.count(Fate.UNCHANGED) == taken
        assert in_lake(service) == 40


def test_killed_in_the_middle_of_a_search(
    own: Seaweed,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with closing(Service(own.settings(tmp_path_factory), create=True)) as writer:
        writer.ingest(copies(tmp_path, 3))
    monkeypatch.setattr(BucketStore, "stale_seconds", 0.0)
    download = Bucket.download

    def kill_then_download(*args: Any, **words: Any) -> None:
        own.kill()
        download(*args, **words)

    with closing(Service(own.settings(tmp_path_factory))) as service:
        client = TestClient(create_app(service), raise_server_exceptions=False)
        monkeypatch.setattr(Bucket, "download", kill_then_download)
        answer = client.get("/spectra/api/v0.1/search")
        assert answer.status_code == 503
        assert answer.json()["message"] == "the lake cannot be read now; try again later"
        assert client.get("/ready").status_code == 503
        monkeypatch.setattr(Bucket, "download", download)
        with pytest.raises(LakeError, match="cannot be reached"):
            service.search(ALL)
        own.start()
        assert len(client.get("/spectra/api/v0.1/search").json()["results"])
        assert in_lake(service) == 3


# Room, and messages


def test_a_cache_with_too_little_room(machines: Machines, tmp_path: Path) -> None:
    machines.new(create=True).ingest(copies(tmp_path, 2))
    small = machines.new(cache_size=1_000)
    with pytest.raises(LimitError, match="CACHE_SIZE higher, or narrow the search"):
        small.search(ALL)


def test_segments_that_find_no_room_are_done_without(machines: Machines, tmp_path: Path) -> None:
    writer = machines.new(create=True)
    writer.ingest(copies(tmp_path, 2))
    writer.optimize(grace=0)
    files = sum(
        entry.size
        for table in ("DataProduct", "SpectralCharacteristics", "SpectralPixel")
        for entry in writer.lake.store.list(table)
    )
    small = machines.new(cache_size=files)
    assert in_lake(small) == 2
    assert not (small.lake.folder / "segments").exists()


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the names of the objects that are downloaded whole."""
    names: list[str] = []
    download = Bucket.download

    def note(bucket: Bucket, name: str, *others: Any, **words: Any) -> None:
        names.append(name)
        download(bucket, name, *others, **words)

    monkeypatch.setattr(Bucket, "download", note)
    return names


def of_table(names: list[str], table: Table) -> list[str]:
    return [name for name in names if table.value in name]


def test_optimize_downloads_what_it_writes_anew(
    machines: Machines, tmp_path: Path, brought: list[str]
) -> None:
    writer = machines.new(create=True)
    paths = copies(tmp_path, 8)
    for path in paths[:4]:
        writer.ingest([path])
    writer.optimize(grace=0)
    writer.ingest(paths[4:])
    writer.ingest([write_layout(BY_KEY["s2d-multislit"], tmp_path)])
    writer.optimize(grace=0)
    assert machines.new().optimize(grace=0).merged == 0
    assert not of_table(brought, Table.PIXEL)
    assert not of_table(brought, Table.SPECTRUM)
    writer.remove([paths[0].name])
    assert machines.new().optimize(grace=0).dropped == 0  # older versions have it
    assert not of_table(brought, Table.PIXEL)
    done = machines.new().optimize(grace=0, keep_days=0)
    assert (done.merged, done.segments) == (2, 1)
    assert done.dropped
    assert len(of_table(brought, Table.PIXEL)) == len(of_table(brought, Table.SPECTRUM)) == 1
    assert in_lake(machines.new()) == 8


def test_a_lake_larger_than_the_cache_is_optimized(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = machines.new(create=True)
    for path in copies(tmp_path, 12):
        writer.ingest([path])
    writer.lake.compact_products(7)
    products = size_of(writer, "DataProduct")
    files = size_of(writer, Table.SPECTRUM.value) + size_of(writer, Table.PIXEL.value)
    monkeypatch.setattr(
        "spectraldb.maintenance.merge_plan.FULL_ROWS", 2
    )  # two spectra, or a file of pixels
    small = machines.new(cache_size=products + files // 3)
    done = small.optimize(grace=0, by_wavelength=True)
    assert (done.merged, done.segments, done.ordered) == (12, 12, 12)
    here = sum(path.stat().st_size for path in small.settings.cache.rglob("*") if path.is_file())
    assert here <= small.settings.cache_size
    assert in_lake(machines.new()) == 12


def size_of(service: Service, folder: str) -> int:
    """Return the bytes of the Parquet files of a table."""
    entries = service.lake.store.list(folder)
    return sum(entry.size for entry in entries if entry.name.endswith(".parquet"))


def test_segments_that_are_searched_stay(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = machines.new(create=True)
    writer.ingest(copies(tmp_path, 2))
    writer.optimize(grace=0)
    service = machines.new()
    assert in_lake(service) == 2
    (folder,) = (service.lake.folder / "segments").iterdir()
    assert time.time() - folder.stat().st_mtime < 900
    os.utime(folder, (0, 0))
    monkeypatch.setattr("spectraldb.segments.store.REFRESH_SECONDS", 1e9)
    assert in_lake(service) == 2
    assert folder.stat().st_mtime == 0.0
    monkeypatch.setattr("spectraldb.segments.store.REFRESH_SECONDS", 0.0)
    assert in_lake(service) == 2
    assert time.time() - folder.stat().st_mtime < 900
    shutil.rmtree(folder)
    assert in_lake(service) == 2
    assert folder.exists()


def run(settings: Settings, *words: str) -> Result:
    environment = {
        "SPECTRALDB_LAKE": str(settings.lake),
        "SPECTRALDB_CACHE": str(settings.cache),
        "SPECTRALDB_S3_ENDPOINT": settings.s3_endpoint,
        "COLUMNS": "200",
    }
    return CliRunner().invoke(app, words, env=environment)


def test_commands(machines: Machines, tmp_path: Path) -> None:
    settings = machines.settings()
    none = run(settings, "products")
    assert none.exit_code == 2
    assert f"there is no lake at {settings.lake}: run `spectraldb ingest" in none.stderr
    paths = copies(tmp_path, 2)
    done = run(settings, "ingest", *map(str, paths))
    assert (done.exit_code, done.stdout.count("taken")) == (0, 3)
    assert str(settings.lake) in run(settings, "info").stdout
    assert "segments written" in run(settings, "optimize").stdout
    assert run(settings, "search", "limit=1").exit_code == 0
    assert run(settings, "remove", paths[0].name).exit_code == 0
    assert in_lake(machines.new()) == 1


@pytest.mark.parametrize(
    ("lake", "message"),
    [
        ("s3://", "no place for a lake"),
        ("s3://bucket/with spaces", "no place for a lake"),
        ("s3://there-is-none/lake", "The specified bucket does not exist"),
    ],
)
def test_places_that_are_none(
    machines: Machines, seaweed: Seaweed, tmp_path: Path, lake: str, message: str
) -> None:
    settings = Settings(lake=lake, s3_endpoint=seaweed.endpoint, cache=tmp_path)
    result = run(settings, "ingest", str(REAL))
    assert result.exit_code == 2
    assert message in result.stderr
    assert "\x1b" not in result.stderr


def test_a_bucket_of_files_that_is_none(machines: Machines) -> None:
    with pytest.raises(LakeError, match="The specified bucket does not exist"):
        machines.new(create=True).ingest(["s3://there-is-none/files"])


def test_wrong_keys(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    machines.new(create=True)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(LakeError, match="403 Forbidden"):
        machines.new()


def test_without_the_extra(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore.store", None)
    with pytest.raises(BadQueryError, match=r"pip install 'spectraldb\[s3\]'"):
        machines.new(create=True)
