"""The lock of a lake in a bucket has one owner, even if machines pause."""

import threading

import pytest

from spectraldb.errors import LakeError
from spectraldb.storage import bucket_lock as module
from spectraldb.storage.bucket_lock import bucket_lock
from spectraldb.storage.objects import VersionedObject
from spectraldb.storage.s3 import Bucket

NAME = "a.lock"


@pytest.fixture
def expired(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every lock count as expired."""
    monkeypatch.setattr(module, "EXPIRY_SECONDS", -5.0)


def test_lock_names_its_owner(bucket: Bucket) -> None:
    busy = pytest.raises(LakeError, match=r"Another process is optimizing .* \S+ \d+\.$")
    with bucket_lock(bucket, NAME), busy, bucket_lock(bucket, NAME):
        pytest.fail("two processes have the lock")
    assert not bucket.exists(NAME)


@pytest.mark.usefixtures("expired")
def test_an_expired_lock_is_replaced(bucket: Bucket) -> None:
    bucket.create(NAME, b"dead 1")
    with bucket_lock(bucket, NAME) as lease:
        lease.check()
    assert not bucket.exists(NAME)


def test_a_lock_that_another_process_took_over_is_not_deleted(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bucket_lock(bucket, NAME) as paused:
        paused.check()
        monkeypatch.setattr(module, "EXPIRY_SECONDS", -5.0)
        with bucket_lock(bucket, NAME) as awake:
            monkeypatch.setattr(module, "HEARTBEAT_SECONDS", -1.0)
            with pytest.raises(LakeError, match="Another process took over"):
                paused.check()
            awake.check()
        assert not bucket.exists(NAME)
        with bucket_lock(bucket, NAME):
            pass
        assert bucket.create(NAME, b"a third")
    assert bucket.get(NAME) == b"a third"


@pytest.mark.usefixtures("expired")
def test_only_one_process_takes_over_an_expired_lock(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.create(NAME, b"dead 1")
    get_versioned = Bucket.get_versioned

    def get_before_another_replaces_it(where: Bucket, name: str) -> VersionedObject:
        found = get_versioned(where, name)
        if found.data == b"dead 1":
            assert where.replace(name, found, b"the first")
        return found

    monkeypatch.setattr(Bucket, "get_versioned", get_before_another_replaces_it)
    with pytest.raises(LakeError, match="Another process"), bucket_lock(bucket, NAME):
        pytest.fail("two processes have the lock")
    assert bucket.get(NAME) == b"the first"


def test_a_heartbeat_renews_the_lock(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.05)
    beats = threading.Semaphore(0)
    replace = Bucket.replace

    def count(where: Bucket, name: str, version: VersionedObject, data: bytes) -> bool:
        done = replace(where, name, version, data)
        beats.release()
        return done

    monkeypatch.setattr(Bucket, "replace", count)
    with bucket_lock(bucket, NAME) as lease:
        first = bucket.get(NAME)
        for _ in range(2):
            assert beats.acquire(timeout=30)
        assert bucket.get(NAME) != first
        lease.check()


def test_after_a_pause_the_lock_is_checked_again(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The heartbeat and the work resume together; the work must not use the previous check."""
    with bucket_lock(bucket, NAME) as lease:
        bucket.delete([NAME])
        bucket.create(NAME, b"another")
        heartbeat_waits, answer = threading.Event(), threading.Event()
        get_versioned = Bucket.get_versioned

        def get_slowly(where: Bucket, name: str) -> VersionedObject:
            heartbeat_waits.set()
            answer.wait(30)
            return get_versioned(where, name)

        monkeypatch.setattr(Bucket, "get_versioned", get_slowly)
        lock = lease._requested.__self__  # type: ignore[attr-defined]
        lock._checked = 0.0  # as after a long pause
        heartbeat = threading.Thread(target=lock.send_heartbeat)
        heartbeat.start()
        assert heartbeat_waits.wait(30)
        threading.Timer(0.2, answer.set).start()
        with pytest.raises(LakeError, match="Another process took over"):
            lease.check()
        heartbeat.join()
    assert bucket.get(NAME) == b"another"


def test_a_bucket_that_cannot_be_written(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    message = "The lake cannot be written: .*Check the endpoint, the credentials"
    with pytest.raises(LakeError, match=message), bucket_lock(bucket, NAME):
        pytest.fail("nothing has the lock")
