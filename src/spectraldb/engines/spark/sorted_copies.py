"""Use of copies of pixel files that are sorted by wavelength.

An engine that reads Parquet skips row groups by their minimum and maximum values.  If pixels are
sorted by product, each row group has all wavelengths; in a sorted copy, it has a short range.
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
"""Minimum interval between listings of the store if a copy is missing."""


class SortedCopies:
    """The sorted copies of a lake.

    The class is thread-safe: a lock guards the known names. It is held during a listing, so that
    threads do not list the store several times.

    Parameters
    ----------
    store
        Where the files of the lake are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names: frozenset[str] = frozenset()
        self._refreshed = -math.inf
        self._lock = threading.Lock()

    def substitute(self, snapshot: Snapshot, pruning: Pruning) -> Snapshot:
        """Replace the files whose wavelengths a search restricts by their sorted copies.

        A search in a range of products reads the original files, in which the products are
        contiguous.

        Raises
        ------
        OSError
            If the store does not respond.
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
        """Return whether a file has a sorted copy."""
        return self._store.exists(f"{SORTED_COPIES}/{Path(file).name}")

    def _existing(self, wanted: set[str]) -> frozenset[str]:
        """Return the names of known copies; list the store only if some are missing."""
        with self._lock:
            now = time.monotonic()
            if not wanted <= self._names and now - self._refreshed >= REFRESH_SECONDS:
                entries = self._store.list(SORTED_COPIES)
                self._names = frozenset(PurePosixPath(entry.name).name for entry in entries)
                self._refreshed = now
            return self._names
