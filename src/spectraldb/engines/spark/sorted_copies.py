"""Copies of the files of pixels, sorted by wavelength.

An engine that reads Parquet skips row groups by their lowest and highest values.  Where pixels
come product by product, each row group has all wavelengths; in a sorted copy it has few.
"""

import math
import threading
import time
from dataclasses import replace
from pathlib import Path, PurePosixPath

from spectraldb.lake.layout import SORTED_COPIES, sorted_copy
from spectraldb.lake.snapshot import Snapshot
from spectraldb.query.pruning import ALL_IDS, Pruning
from spectraldb.storage.store import Store

REFRESH_SECONDS = 60.0
"""How often the store is asked again for a copy that did not exist."""


class SortedCopies:
    """The sorted copies of a lake.

    Threads share it: a lock guards the names that were found, and is held while the store lists
    them, so that it lists them once.

    Parameters
    ----------
    store
        Where the lake's files are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names: frozenset[str] = frozenset()
        self._refreshed = -math.inf
        self._lock = threading.Lock()

    def substitute(self, snapshot: Snapshot, pruning: Pruning) -> Snapshot:
        """Return a version with copies in place of files whose wavelengths a search restricts.

        A search of a range of products reads the files, in which these are adjacent.

        Raises
        ------
        OSError
            If the store does not answer.
        """
        bounds = [each.bounds for each in pruning.pixel_ranges if each.name == "wavelength"]
        if not bounds or pruning.id_range != ALL_IDS:
            return snapshot
        exceeds = [snapshot.statistics.exceeding("wavelength", each) for each in bounds]
        restricted = {
            file
            for product_type in pruning.product_types
            for file in snapshot.pixels.get(product_type, ())
            if any(exceed(file) for exceed in exceeds)
        }
        names = self._existing({Path(file).name for file in restricted})
        copies = {
            file: str(sorted_copy(self._store.folder, file))
            for file in restricted
            if Path(file).name in names
        }
        pixels = {
            product_type: tuple(copies.get(file, file) for file in files)
            for product_type, files in snapshot.pixels.items()
        }
        return replace(snapshot, pixels=pixels)

    def has(self, file: str) -> bool:
        """Return whether a file has a copy now."""
        return self._store.exists(f"{SORTED_COPIES}/{Path(file).name}")

    def _existing(self, wanted: set[str]) -> frozenset[str]:
        """Return the names of the copies; the store lists them only if some are missing."""
        with self._lock:
            now = time.monotonic()
            if not wanted <= self._names and now - self._refreshed >= REFRESH_SECONDS:
                entries = self._store.list(SORTED_COPIES)
                self._names = frozenset(PurePosixPath(entry.name).name for entry in entries)
                self._refreshed = now
            return self._names
