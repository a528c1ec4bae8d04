"""A lock that is an object of a bucket: whoever makes it works alone, from any machine."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from spectraldb.errors import LakeError
from spectraldb.storage.bucket import Bucket
from spectraldb.storage.store import BUSY

BEAT_SECONDS = 30.0
DEAD_SECONDS = 300.0
"""An owner that did not write it anew for so long is gone."""


@contextmanager
def bucket_lock(bucket: Bucket, name: str) -> Iterator[None]:
    """Hold a lock.

    Raises
    ------
    LakeError
        If another process holds it, or the bucket cannot be reached.
    """
    owner = f"{socket.gethostname()} {os.getpid()}".encode()
    over = threading.Event()
    try:
        _take(bucket, name, owner)
        beat = threading.Thread(target=_beat, args=(bucket, name, owner, over), daemon=True)
        beat.start()
        try:
            yield
        finally:
            over.set()
            beat.join()
            bucket.delete([name])
    except OSError as error:
        raise LakeError(f"the lake cannot be written: {error}") from error


def _take(bucket: Bucket, name: str, owner: bytes) -> None:
    if bucket.create(name, owner):
        return
    with contextlib.suppress(FileNotFoundError):
        if time.time() - bucket.head(name).seconds < DEAD_SECONDS:
            raise LakeError(f"{BUSY} ({bucket.read(name).decode(errors='replace')})")
        # Two that find it dead at once may both go on: a commit that meets another one fails.
        bucket.delete([name])
    if not bucket.create(name, owner):
        raise LakeError(BUSY)


def _beat(bucket: Bucket, name: str, owner: bytes, over: threading.Event) -> None:
    while not over.wait(BEAT_SECONDS):
        with contextlib.suppress(OSError):  # what matters then fails of itself
            bucket.write(name, owner)
