"""The segments of a lake, each opened when a search first needs it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.lake.layout import segment_folder
from spectraldb.segments.reader import Segment
from spectraldb.storage.store import PARALLEL_DOWNLOADS, Store

MAX_OPEN = 1_000

REFRESH_SECONDS = 60.0
"""How often the cache is told that a segment is in use: it deletes what is not."""


@dataclass(frozen=True)
class _OpenSegment:
    segment: Segment
    checked: float
    """When the cache was last told that it is in use, by the monotonic clock."""


class Segments:
    """The segments of a lake.

    Threads share it: a lock guards the table of open segments, and is not held while one is
    downloaded or opened.  Two threads may open the same segment; one of the two stays.

    Parameters
    ----------
    store
        Where the lake's files are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: OrderedDict[str, _OpenSegment] = OrderedDict()
        self._lock = threading.Lock()

    def of_file(self, file: str, cancel: Cancellation = NEVER) -> Segment | None:
        """Return the segment of a Parquet file of pixels; None if it has none.

        Parameters
        ----------
        file
            The path of the file.
        cancel
            Polled while the segment is downloaded.
        """
        name = Path(file).stem
        with self._lock:
            entry = self._open.get(name)
        if entry is None or time.monotonic() - entry.checked >= REFRESH_SECONDS:
            entry = self._refresh(file, entry, cancel)
        with self._lock:
            if entry is None:
                self._open.pop(name, None)
                return None
            self._open[name] = entry
            self._open.move_to_end(name)
            while len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
            return entry.segment

    def of_files(
        self, files: Collection[str], cancel: Cancellation = NEVER
    ) -> dict[str, Segment | None]:
        """Return the segments of files, by file; several are downloaded at the same time."""
        with self._lock:
            missing = [file for file in files if Path(file).stem not in self._open]
        opened: dict[str, Segment | None] = {}
        if len(missing) > 1:
            with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
                segments = pool.map(lambda file: self.of_file(file, cancel), missing)
                opened = dict(zip(missing, segments, strict=True))
        return {f: opened[f] if f in opened else self.of_file(f, cancel) for f in files}

    def has(self, file: str) -> bool:
        """Return whether a file has a segment; one that is not on this machine is not checked."""
        folder = segment_folder(self._store.folder, file)
        if not self._store.has_folder(folder):
            return False
        return not folder.is_dir() or self.of_file(file) is not None

    def _refresh(
        self, file: str, entry: _OpenSegment | None, cancel: Cancellation
    ) -> _OpenSegment | None:
        """Return a segment that is on this machine now, opened again if the cache deleted it."""
        is_here = entry and self._store.is_local(segment_folder(self._store.folder, file))
        segment = entry.segment if entry and is_here else self._open_segment(file, cancel)
        return _OpenSegment(segment, time.monotonic()) if segment else None

    def _open_segment(self, file: str, cancel: Cancellation) -> Segment | None:
        folder = segment_folder(self._store.folder, file)
        try:
            return Segment.open(folder) if self._store.localize_folder(folder, cancel) else None
        except ValueError:
            return None  # it is incomplete, or of another format: the Parquet file serves
        except OSError:
            if folder.is_dir():
                return None  # as above
            raise
