"""What a lake's files are: how many, how large, and whether they are due to be put in order."""

from dataclasses import dataclass, field
from pathlib import Path

from spectraldb.lake.lake import Lake, Snapshot
from spectraldb.optimize.clean import size_of
from spectraldb.serving.segments import FOLDER, Segments, segment_folder

DUE_FILES = 16
"""A lake is due to be put in order once so many of its files of pixels have no segment."""


@dataclass
class TypeState:
    """The files of one product type."""

    files: int = 0
    """Of pixels and of spectra."""
    segments: int = 0
    bytes: int = 0
    """Of the files, and of their segments."""


@dataclass
class State:
    """The files of a lake."""

    bytes: int = 0
    """Of all that lies in its folder, replaced files too."""
    segment_bytes: int = 0
    without_segment: int = 0
    types: dict[str, TypeState] = field(default_factory=dict)


def state_of(lake: Lake, snapshot: Snapshot) -> State:
    """Return the state of a version's files."""
    state = State(
        size_of(lake.place), size_of(lake.place / FOLDER), without_segment(lake, snapshot)
    )
    for product_type, pixels in snapshot.pixels.items():
        files = [*pixels, *snapshot.spectra.get(product_type, ())]
        folders = [folder for f in pixels if (folder := segment_folder(lake.place, f)).exists()]
        size = sum(size_of(path) for path in (*map(Path, files), *folders))
        state.types[product_type] = TypeState(len(files), len(folders), size)
    return state


def due(files: int) -> int:
    """Return how many files of pixels have no segment, if these are so many that it matters."""
    return files if files >= DUE_FILES else 0


def without_segment(lake: Lake, snapshot: Snapshot) -> int:
    """Return how many files of pixels have no segment."""
    segments = Segments(lake.place)
    return sum(segments.of(f) is None for files in snapshot.pixels.values() for f in files)
