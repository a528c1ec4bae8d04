"""The segments of a lake, each opened when it is first needed."""

import threading
from collections import OrderedDict
from pathlib import Path

from spectraldb.serving.segment import Segment

FOLDER = "serving"
MOST_OPEN = 1_000


class Segments:
    """The segments in a lake's folder.

    Parameters
    ----------
    lake
        The folder of the lake.
    """

    def __init__(self, lake: Path) -> None:
        self._lake = lake
        self._open: OrderedDict[str, Segment] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, file: str) -> Segment | None:
        """Return the segment of a Parquet file of pixels, if it has one."""
        name = Path(file).stem
        with self._lock:
            segment = self._open.get(name) or self._opened(file)
            if segment is not None:
                self._open[name] = segment
                self._open.move_to_end(name)
            while len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
            return segment

    def _opened(self, file: str) -> Segment | None:
        try:
            return Segment(segment_folder(self._lake, file))
        except (OSError, ValueError):
            # None, or one that is not whole or of another format: the Parquet file serves.
            return None


def segment_folder(lake: Path, file: str) -> Path:
    """Return the folder of the segment of a Parquet file of pixels."""
    return lake / FOLDER / Path(file).stem
