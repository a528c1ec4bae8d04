"""
Small synthetic files of every on-disk layout that Spectral DB reads, and broken files.

All numbers in a file are distinct, so that tests detect a swapped axis, column or row.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.layouts import broken, c1d, plain, s2d, s3d, wfss, x1d, x1dints
from tests.support.layouts.common import Broken, Layout

__all__ = ["BROKEN", "LAYOUTS", "Broken", "Layout", "write_layout"]

LAYOUTS: tuple[Layout, ...] = (
    *plain.LAYOUTS,
    *x1d.LAYOUTS,
    *wfss.LAYOUTS,
    *x1dints.LAYOUTS,
    *c1d.LAYOUTS,
    *s2d.LAYOUTS,
    *s3d.LAYOUTS,
)
BROKEN: tuple[Broken, ...] = broken.BROKEN


def write_layout(layout: Layout | Broken, folder: Path) -> Path:
    """Write one product into a folder and return its path."""
    path = folder / layout.file_name
    path.write_bytes(_content(layout))
    return path


# Saving a data model takes a fraction of a second, and tests use the same few files often.
@cache
def _content(layout: Layout | Broken) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / layout.file_name
        layout.write(path)
        return path.read_bytes()
