"""Lakes of the same files in every state that their files can be in."""

import shutil
from collections.abc import Callable
from pathlib import Path

from astropy.io import fits

from spectraldb.service.service import Service


def fresh(lake: Service, folder: Path, _: Path) -> None:
    """Ingest, and nothing more."""
    lake.ingest([folder])


def half(lake: Service, folder: Path, _: Path) -> None:
    """Put half of the files in order, and take in the others afterwards."""
    paths = sorted(folder.rglob("*.fits"))
    lake.ingest(paths[::2])
    lake.optimize(grace=0, by_wavelength=True)
    lake.ingest(paths[1::2])


def optimized(lake: Service, folder: Path, _: Path) -> None:
    """Put all in order."""
    lake.ingest([folder])
    lake.optimize(grace=0)


def replaced(lake: Service, folder: Path, other: Path) -> None:
    """Take in other versions of the files first, in order, and have them replaced."""
    altered = [_altered(path, other) for path in sorted(folder.glob("*.fits"))]
    lake.ingest(altered)
    lake.optimize(grace=0)
    lake.ingest([folder])


def replaced_and_optimized(lake: Service, folder: Path, other: Path) -> None:
    """Then drop what was replaced."""
    replaced(lake, folder, other)
    lake.optimize(grace=0, keep_days=0)


STATES: dict[str, Callable[[Service, Path, Path], None]] = {
    state.__name__: state for state in (fresh, half, optimized, replaced, replaced_and_optimized)
}


def _altered(path: Path, folder: Path) -> Path:
    """Copy a file of a product, with every flux another one."""
    other = folder / path.name
    shutil.copy(path, other)
    with fits.open(other, mode="update") as hdus:
        for hdu in hdus[1:]:
            if hdu.name in ("SCI", "SURF_BRIGHT"):
                hdu.data = hdu.data * 2
            elif hdu.name in ("EXTRACT1D", "COMBINE1D"):
                hdu.data["FLUX"] *= 2
    return other
