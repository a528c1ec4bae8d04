"""Lakes of the same files in every state of maintenance."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from astropy.io import fits

from spectraldb.service.service import Service
from spectraldb.settings import Settings


def fresh(lake: Service, folder: Path, _: Path) -> None:
    """Only ingest."""
    lake.ingest([folder])


def half(lake: Service, folder: Path, _: Path) -> None:
    """Ingest and optimize half of the files, then ingest the others."""
    paths = sorted(folder.rglob("*.fits"))
    lake.ingest(paths[::2])
    lake.optimize(grace=0, by_wavelength=True)
    lake.ingest(paths[1::2])


def optimized(lake: Service, folder: Path, _: Path) -> None:
    """Ingest and optimize all files."""
    lake.ingest([folder])
    lake.optimize(grace=0)


def replaced(lake: Service, folder: Path, other: Path) -> None:
    """Ingest and optimize other versions of the files, then replace them."""
    altered = [_altered(path, other) for path in sorted(folder.glob("*.fits"))]
    lake.ingest(altered)
    lake.optimize(grace=0)
    lake.ingest([folder])


def replaced_and_optimized(lake: Service, folder: Path, other: Path) -> None:
    """Replace the files, and delete the replaced rows."""
    replaced(lake, folder, other)
    lake.optimize(grace=0, keep_days=0)


STATES: dict[str, Callable[[Service, Path, Path], None]] = {
    state.__name__: state for state in (fresh, half, optimized, replaced, replaced_and_optimized)
}


@contextmanager
def optimized_copy(lake: Service, folder: Path) -> Iterator[Service]:
    """Yield an optimized copy of a lake in an empty folder."""
    shutil.copytree(lake.lake.folder, folder, dirs_exist_ok=True)
    copy = Service(Settings(lake=folder))
    try:
        copy.optimize(grace=0)
        yield copy
    finally:
        copy.close()


def _altered(path: Path, folder: Path) -> Path:
    """Copy the file of a product, with different fluxes."""
    other = folder / path.name
    shutil.copy(path, other)
    with fits.open(other, mode="update") as hdus:
        for hdu in hdus[1:]:
            if hdu.name in ("SCI", "SURF_BRIGHT"):
                hdu.data = hdu.data * 2
            elif hdu.name in ("EXTRACT1D", "COMBINE1D"):
                hdu.data["FLUX"] *= 2
    return other
