"""The segments of a lake, each opened when it is first needed."""

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
from spectraldb.storage.store import Store

MOST_OPEN = 1_000

AT_ONCE = 8
"""Segments that come at the same time."""

LOOK_SECONDS = 60.0
"""That a segment is in use is told once in so long: what is not is taken away to make room."""


@dataclass(frozen=True)
class _Open:
    segment: Segment
    looked: float


class Segments:
    """The segments of a lake.

    Parameters
    ----------
    store
        Where the lake's files are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, file: str, cancel: Cancellation = NEVER) -> Segment | None:
        """Return the segment of a Parquet file of pixels, if it has one.

        Parameters
        ----------
        file
            The path of the file.
        cancel
            Called while the segment comes from a bucket; may raise.
        """
        name = Path(file).stem
        with self._lock:
            found = self._open.get(name)
        if found is None or time.monotonic() - found.looked >= LOOK_SECONDS:
            found = self._looked_at(file, found, cancel)
        with self._lock:
            if found is None:
                self._open.pop(name, None)
                return None
            self._open[name] = found
            self._open.move_to_end(name)
            while len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
            return found.segment

    def _looked_at(self, file: str, found: _Open | None, cancel: Cancellation) -> _Open | None:
        """Return a segment as it is now; one that was taken away is opened anew."""
        kept = found and self._store.is_kept(segment_folder(self._store.folder, file))
        segment = found.segment if found and kept else self._opened(file, cancel)
        return _Open(segment, time.monotonic()) if segment else None

    def several(self, files: Collection[str], cancel: Cancellation) -> dict[str, Segment | None]:
        """Return the segments of files; those that come from a bucket come some at a time."""
        with self._lock:
            missing = [file for file in files if Path(file).stem not in self._open]
        found: dict[str, Segment | None] = {}
        if len(missing) > 1:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                segments = pool.map(lambda file: self.of(file, cancel), missing)
                found = dict(zip(missing, segments, strict=True))
        return {f: found[f] if f in found else self.of(f, cancel) for f in files}

    def has(self, file: str) -> bool:
        """Tell whether a file has a segment; one that is not on this machine is taken as whole."""
        folder = segment_folder(self._store.folder, file)
        if not self._store.has_piece(folder):
            return False
        return not folder.is_dir() or self.of(file) is not None

    def _opened(self, file: str, cancel: Cancellation) -> Segment | None:
        folder = segment_folder(self._store.folder, file)
        try:
            return Segment(folder) if self._store.bring_piece(folder, cancel) else None
        except ValueError:
            return None  # it is not whole, or of another format: the Parquet file serves
        except OSError:
            if folder.is_dir():
                return None  # as above
            raise
