"""Number and size of the files of a lake, and whether it needs optimization."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import Lake
from spectraldb.lake.layout import SEGMENTS, SORTED_COPIES
from spectraldb.lake.snapshot import Snapshot
from spectraldb.segments.store import Segments

PENDING_FILES = 16
"""Number of pixel files without a segment from which a lake needs optimization."""


@dataclass(frozen=True)
class TypeFiles:
    """Statistics of the files of one product type; its field names are JSON keys."""

    files: int
    """Number of files in SpectralPixel and SpectralCharacteristics."""
    segments: int
    """Number of segments."""
    bytes: int
    """Size of these files and their segments."""


@dataclass(frozen=True)
class LakeFiles:
    """Statistics of the files of a lake."""

    bytes: int
    """Size of all files in the lake, including replaced files."""
    segment_bytes: int
    """Size of the segments."""
    sorted_copy_bytes: int
    """Size of the copies sorted by wavelength."""
    without_segment: int
    """Number of pixel files without a segment."""
    types: dict[str, TypeFiles] = field(default_factory=dict)
    """Statistics by product type."""

    @property
    def pending_optimization(self) -> int:
        """Number of pixel files without a segment, or 0 if fewer than `PENDING_FILES`."""
        return _if_many(self.without_segment)


def lake_files(lake: Lake, snapshot: Snapshot) -> LakeFiles:
    """Return statistics of the files of a lake; raise LakeError if it cannot be read."""
    store = lake.store
    with lake_errors("read"):
        sizes = {info.name: info.size for info in store.list("")}
        segment_sizes = {
            PurePosixPath(info.name).name: info.size for info in store.list_folders(SEGMENTS)
        }
    copies = (size for name, size in sizes.items() if name.startswith(f"{SORTED_COPIES}/"))
    return LakeFiles(
        bytes=sum(sizes.values()),
        segment_bytes=sum(segment_sizes.values()),
        sorted_copy_bytes=sum(copies),
        without_segment=_count_without_segment(lake, snapshot),
        types={
            product_type: _type_files(lake, snapshot, product_type, sizes, segment_sizes)
            for product_type in snapshot.pixels
        },
    )


def pending_optimization(lake: Lake, snapshot: Snapshot) -> int:
    """Return the number of pixel files without a segment, or 0 if below `PENDING_FILES`."""
    return _if_many(_count_without_segment(lake, snapshot))


def _type_files(
    lake: Lake,
    snapshot: Snapshot,
    product_type: str,
    sizes: dict[str, int],
    segment_sizes: dict[str, int],
) -> TypeFiles:
    pixels = snapshot.pixels[product_type]
    files = [*pixels, *snapshot.spectra.get(product_type, ())]
    names = [Path(file).relative_to(lake.folder).as_posix() for file in files]
    segments = [segment_sizes[stem] for f in pixels if (stem := Path(f).stem) in segment_sizes]
    size = sum(sizes.get(name, 0) for name in names) + sum(segments)
    return TypeFiles(len(files), len(segments), size)


def _count_without_segment(lake: Lake, snapshot: Snapshot) -> int:
    segments = Segments(lake.store)
    with lake_errors("read"):
        files = (file for files in snapshot.pixels.values() for file in files)
        return sum(not segments.has(file) for file in files)


def _if_many(files: int) -> int:
    return files if files >= PENDING_FILES else 0
