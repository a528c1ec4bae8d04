"""What a lake's files are: how many, how large, and whether they are due to be put in order."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import Lake
from spectraldb.lake.layout import SEGMENTS, SORTED_COPIES
from spectraldb.lake.snapshot import Snapshot
from spectraldb.segments.store import Segments

DUE_FILES = 16
"""A lake is due to be put in order once so many of its files of pixels have no segment."""


@dataclass
class TypeFiles:
    """The files of one product type."""

    files: int = 0
    """Of pixels and of spectra."""
    segments: int = 0
    bytes: int = 0
    """Of the files, and of their segments."""


@dataclass
class LakeFiles:
    """The files of a lake."""

    bytes: int = 0
    """Of all that lies in its folder, replaced files too."""
    segment_bytes: int = 0
    sorted_copy_bytes: int = 0
    """Of the copies in the order of wavelengths."""
    without_segment: int = 0
    types: dict[str, TypeFiles] = field(default_factory=dict)

    @property
    def pending_optimization(self) -> int:
        """The number of pixel files without a segment, or 0 if too few to matter."""
        return due(self.without_segment)


def state_of(lake: Lake, snapshot: Snapshot) -> LakeFiles:
    """Return the state of a version's files."""
    store = lake.store
    with lake_errors("read"):
        sizes = {entry.name: entry.size for entry in store.list("")}
        segments = {PurePosixPath(e.name).name: e.size for e in store.list_folders(SEGMENTS)}
    state = LakeFiles(
        bytes=sum(sizes.values()),
        segment_bytes=sum(segments.values()),
        sorted_copy_bytes=sum(
            size for name, size in sizes.items() if name.startswith(f"{SORTED_COPIES}/")
        ),
        without_segment=without_segment(lake, snapshot),
    )
    for product_type, pixels in snapshot.pixels.items():
        files = [*pixels, *snapshot.spectra.get(product_type, ())]
        names = [Path(file).relative_to(lake.folder).as_posix() for file in files]
        found = [segments[stem] for f in pixels if (stem := Path(f).stem) in segments]
        size = sum(sizes.get(name, 0) for name in names) + sum(found)
        state.types[product_type] = TypeFiles(len(files), len(found), size)
    return state


def due(files: int) -> int:
    """Return how many files of pixels have no segment, if these are so many that it matters."""
    return files if files >= DUE_FILES else 0


def without_segment(lake: Lake, snapshot: Snapshot) -> int:
    """Return how many files of pixels have no segment."""
    segments = Segments(lake.store)
    with lake_errors("read"):
        return sum(not segments.has(f) for files in snapshot.pixels.values() for f in files)
