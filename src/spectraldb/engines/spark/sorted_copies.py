"""The pixels of files once more, in the order of their wavelengths.

An engine that reads Parquet leaves out row groups by their lowest and highest values.  Where pixels
come product by product, each row group has all wavelengths; in these copies it has few.
"""

import math
import threading
import time
from dataclasses import replace
from pathlib import Path, PurePosixPath

from spectraldb.lake.lake import Snapshot
from spectraldb.lake.layout import SORTED_COPIES, sorted_copy
from spectraldb.query.pruning import ALL_IDS, Scope
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store, exists

LOOK_SECONDS = 60.0
"""A file that had no copy is looked for again after so long."""


class OrderedFiles:
    """Tells which files of a lake have a copy in the order of wavelengths.

    Parameters
    ----------
    store
        Where the lake's files are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names: frozenset[str] = frozenset()
        self._looked = -math.inf
        self._lock = threading.Lock()

    def instead(self, snapshot: Snapshot, scope: Scope) -> Snapshot:
        """Return a version with copies in place of files of which a search leaves out wavelengths.

        A search of some products alone reads the files, in which these lie together.

        Raises
        ------
        OSError
            If the store does not answer.
        """
        spans = [
            interval.ends
            for interval in scope.intervals
            if interval.table is Table.PIXEL and interval.name == "wavelength"
        ]
        if not spans or scope.ids != ALL_IDS:
            return snapshot
        exceed = [snapshot.ranges.exceeding("wavelength", some) for some in spans]
        cut = {
            file
            for product_type in scope.product_types
            for file in snapshot.pixels.get(product_type, ())
            if any(exceeds(file) for exceeds in exceed)
        }
        names = self._known({Path(file).name for file in cut})
        copies = {f: str(sorted_copy(self._store.folder, f)) for f in cut if Path(f).name in names}
        pixels = {
            product_type: tuple(copies.get(file, file) for file in files)
            for product_type, files in snapshot.pixels.items()
        }
        return replace(snapshot, pixels=pixels)

    def has(self, file: str) -> bool:
        """Tell whether a file has a copy now."""
        return exists(self._store, f"{SORTED_COPIES}/{Path(file).name}")

    def _known(self, wanted: set[str]) -> frozenset[str]:
        """Return the names of the copies; the store is asked again only where some are wanting."""
        with self._lock:
            now = time.monotonic()
            if not wanted <= self._names and now - self._looked >= LOOK_SECONDS:
                entries = self._store.listing(SORTED_COPIES)
                self._names = frozenset(PurePosixPath(entry.name).name for entry in entries)
                self._looked = now
            return self._names
