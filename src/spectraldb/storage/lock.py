"""A lock that is an object of a bucket: whoever makes it works alone, from any machine."""

import contextlib
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from spectraldb.cancellation import Cancellation
from spectraldb.errors import LakeError
from spectraldb.storage.s3 import Bucket

BUSY = "another process is at work to optimize this lake; wait until it is done"

HEARTBEAT_SECONDS = 30.0
DEAD_SECONDS = 300.0
"""An owner that did not write it anew for so long is gone."""

LOST = (
    "another process took over the work on this lake, as this one did not tell of itself for "
    f"{DEAD_SECONDS:g} s; what it had done by then is kept"
)


@contextmanager
def bucket_lock(bucket: Bucket, name: str) -> Iterator[Cancellation]:
    """Hold a lock, and yield a token whose `check` raises LakeError once the lock is lost.

    Raises
    ------
    LakeError
        If another process holds it, or the bucket cannot be reached.
    """
    held = _Held(bucket, name)
    over = threading.Event()
    try:
        held.take()
        beat = threading.Thread(target=_keep_alive, args=(held, over), daemon=True)
        beat.start()
        try:
            yield Cancellation(held.is_lost, lambda: LakeError(LOST))
        finally:
            over.set()
            beat.join()
            held.give_back()
    except OSError as error:
        raise LakeError(f"the lake cannot be written: {error}") from error


class _Held:
    """A lock of this process, for as long as nobody took it for dead.

    Every write of it has other bytes, and is refused if it meets bytes that were not seen: of an
    owner that wakes up and one that takes its place, one stays.
    """

    def __init__(self, bucket: Bucket, name: str) -> None:
        self._bucket, self._name = bucket, name
        # Machines may share a name, and processes a number.
        self._token = uuid.uuid4().hex
        self._lost = False
        self._looked = time.time()
        self._one_looks = threading.Lock()

    def take(self) -> None:
        """Make the lock, or take over that of an owner that is gone."""
        if self._bucket.create(self._name, self._text()):
            return
        with contextlib.suppress(FileNotFoundError):
            seen = self._bucket.get_versioned(self._name)
            if time.time() - seen.info.seconds < DEAD_SECONDS:
                owner = seen.data.decode(errors="replace").partition("\n")[0]
                raise LakeError(f"{BUSY} ({owner})")
            if not self._bucket.replace(self._name, seen, self._text()):
                raise LakeError(BUSY)
            return
        if not self._bucket.create(self._name, self._text()):
            raise LakeError(BUSY)

    def beat(self) -> None:
        """Write the lock anew if it is still there, and this one's."""
        with self._one_looks:
            self._looked = time.time()
            try:
                seen = self._bucket.get_versioned(self._name)
            except FileNotFoundError:
                self._lost = True
                return
            self._lost = self._token.encode() not in seen.data
            if not self._lost:
                # Where it is refused, another came first: the next look tells.
                self._bucket.replace(self._name, seen, self._text())

    def is_lost(self) -> bool:
        """Return whether the lock is another's: right at once, too, if this process slept."""
        if time.time() - self._looked > 2 * HEARTBEAT_SECONDS:
            with contextlib.suppress(OSError):
                self.beat()
        return self._lost

    def give_back(self) -> None:
        """Delete the lock if it is this one's.

        No store deletes on a condition: so it is written anew first, and only a process that
        sleeps between the two for as long as it takes to be thought dead deletes another's.
        """
        self.beat()
        if not self._lost:
            self._bucket.delete([self._name])

    def _text(self) -> bytes:
        lines = (f"{socket.gethostname()} {os.getpid()}", self._token, str(time.time_ns()))
        return "\n".join(lines).encode()


def _keep_alive(held: _Held, over: threading.Event) -> None:
    while not over.wait(HEARTBEAT_SECONDS):
        with contextlib.suppress(OSError):  # what matters then fails of itself
            held.beat()
