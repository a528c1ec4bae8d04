"""The open segments of a lake."""

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
"""Interval at which the use of a segment is recorded, so that the cache does not evict it."""


@dataclass(frozen=True)
class _OpenSegment:
    segment: Segment
    checked: float
    """Time at which its use was last recorded, on the monotonic clock."""


class Segments:
    """The segments of a lake, opened on first use; at most `MAX_OPEN` stay open.

    Thread-safe: a lock guards the table of open segments.  It is released while a segment is
    downloaded or opened.  If two threads open the same segment, one of the results is discarded.

    Parameters
    ----------
    store
        The files of the lake.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: OrderedDict[str, _OpenSegment] = OrderedDict()
        self._lock = threading.Lock()

    def of_file(self, file: str, cancel: Cancellation = NEVER) -> Segment | None:
        """Return the segment of a Parquet file of pixels, or None if it has none.

        Parameters
        ----------
        file
            Path of the file.
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
        """Return the segments of files by path, downloading several in parallel."""
        with self._lock:
            missing = [file for file in files if Path(file).stem not in self._open]
        opened: dict[str, Segment | None] = {}
        if len(missing) > 1:
            with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
                segments = pool.map(lambda file: self.of_file(file, cancel), missing)
                opened = dict(zip(missing, segments, strict=True))
        return {f: opened[f] if f in opened else self.of_file(f, cancel) for f in files}

    def opened(self, files: Collection[str]) -> dict[str, Segment]:
        """Return the segments of those files whose segment is open already, by path."""
        with self._lock:
            entries = ((file, self._open.get(Path(file).stem)) for file in files)
            return {file: entry.segment for file, entry in entries if entry is not None}

    def has(self, file: str) -> bool:
        """Return whether a file has a segment, which is checked for damage only if it is local."""
        folder = segment_folder(self._store.folder, file)
        if not self._store.has_folder(folder):
            return False
        return not folder.is_dir() or self.of_file(file) is not None

    def _refresh(
        self, file: str, entry: _OpenSegment | None, cancel: Cancellation
    ) -> _OpenSegment | None:
        """Return the segment of a file, opened again if the cache evicted it."""
        is_here = entry and self._store.is_local(segment_folder(self._store.folder, file))
        segment = entry.segment if entry and is_here else self._open_segment(file, cancel)
        return _OpenSegment(segment, time.monotonic()) if segment else None

    def _open_segment(self, file: str, cancel: Cancellation) -> Segment | None:
        folder = segment_folder(self._store.folder, file)
        try:
            return Segment.open(folder) if self._store.localize_folder(folder, cancel) else None
        except ValueError:
            return None  # incomplete or another format: the search reads the Parquet file
        except OSError:
            if folder.is_dir():
                return None  # as above
            raise
