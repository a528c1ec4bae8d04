"""A lock across machines: an object in a bucket that its owner rewrites as a heartbeat."""

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from spectraldb.cancellation import Cancellation
from spectraldb.errors import LakeError
from spectraldb.storage.lock import BUSY
from spectraldb.storage.s3 import Bucket

HEARTBEAT_SECONDS = 30.0
EXPIRY_SECONDS = 300.0
"""Age of the last heartbeat at which another process may take over the lock."""

LOST = (
    "Another process took over optimizing this lake, because this one sent no heartbeat for "
    f"{EXPIRY_SECONDS:g} s. Completed steps are kept."
)


@contextmanager
def bucket_lock(bucket: Bucket, name: str) -> Iterator[Cancellation]:
    """Acquire a lock, and yield a token whose `check` raises LakeError once the lock is lost.

    Raises
    ------
    LakeError
        If another process holds the lock, or the bucket cannot be reached.
    """
    lock = _BucketLock(bucket, name)
    released = threading.Event()
    try:
        lock.acquire()
        heartbeats = threading.Thread(target=_send_heartbeats, args=(lock, released), daemon=True)
        heartbeats.start()
        try:
            yield Cancellation(lock.is_lost, lambda: LakeError(LOST))
        finally:
            released.set()
            heartbeats.join()
            lock.release()
    except OSError as error:
        raise LakeError(f"The lake cannot be written: {error}") from error


class _BucketLock:
    """A lock that expires without heartbeats, so that another process can take it over.

    Each write has new content and is conditional on the version that was read before.  If an
    owner resumes while another process takes over its lock, one of the two writes fails.

    Thread-safe: one thread sends heartbeats, others call `is_lost`.  `_lock` is held while the
    object is read and written, and while `_lost` and `_checked` change.  They are read one at a
    time, which needs no lock.
    """

    def __init__(self, bucket: Bucket, name: str) -> None:
        self._bucket, self._name = bucket, name
        # A host name and a process ID are not unique.
        self._token = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._lost = False
        # The monotonic clock may stop while the machine is suspended.
        self._checked = time.time()

    def acquire(self) -> None:
        """Create the object, or take over an expired one."""
        if self._bucket.create(self._name, self._text()):
            return
        with suppress(FileNotFoundError):
            found = self._bucket.get_versioned(self._name)
            if time.time() - found.info.seconds < EXPIRY_SECONDS:
                owner = found.data.decode(errors="replace").partition("\n")[0]
                raise LakeError(f"{BUSY} Its host and process ID are {owner}.")
            if not self._bucket.replace(self._name, found, self._text()):
                raise LakeError(BUSY)
            return
        if not self._bucket.create(self._name, self._text()):
            raise LakeError(BUSY)

    def send_heartbeat(self) -> None:
        """Rewrite the object if this process still owns it."""
        with self._lock:
            self._check_and_rewrite()

    def is_lost(self) -> bool:
        """Return whether another process owns the lock.

        If this process was suspended, read the object first: the result is never older than two
        heartbeats, unless the bucket cannot be reached.
        """
        if self._is_overdue():
            with self._lock, suppress(OSError):
                if self._is_overdue():
                    self._check_and_rewrite()
        return self._lost

    def release(self) -> None:
        """Delete the object if this process owns it.

        A store has no conditional delete.  The object is rewritten first, so this can only delete
        the lock of another process if this one is suspended between the two requests until its
        lock expires.
        """
        self.send_heartbeat()
        if not self._lost:
            self._bucket.delete([self._name])

    def _is_overdue(self) -> bool:
        return time.time() - self._checked > 2 * HEARTBEAT_SECONDS

    def _check_and_rewrite(self) -> None:
        try:
            found = self._bucket.get_versioned(self._name)
            self._lost = self._token.encode() not in found.data
            if not self._lost:
                # If this fails, another process was faster, and the next check finds its token.
                self._bucket.replace(self._name, found, self._text())
        except FileNotFoundError:
            self._lost = True
        finally:
            self._checked = time.time()

    def _text(self) -> bytes:
        lines = (f"{socket.gethostname()} {os.getpid()}", self._token, str(time.time_ns()))
        return "\n".join(lines).encode()


def _send_heartbeats(lock: _BucketLock, released: threading.Event) -> None:
    while not released.wait(HEARTBEAT_SECONDS):
        with suppress(OSError):  # work that needs the bucket fails anyway
            lock.send_heartbeat()
