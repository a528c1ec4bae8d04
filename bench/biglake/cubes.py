"""Synthetic spectral cubes (s3d) of targets all over the sky."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.biglake.modes import S3D_MODES
from bench.biglake.product import MadeUp, place
from spectraldb.fits.header import Value
from spectraldb.products.block import Block
from spectraldb.products.quality import good_3d

NX, NY = 47, 45
SPAXEL = 0.13 / 3600
ROWS = 9
"""Rows of spaxels in a block."""

_Y, _X = np.mgrid[:NY, :NX]
_OUTSIDE = np.hypot((_Y - 22) / 22.5, (_X - 23) / 23.5) > 1
"""Mask of the spaxels outside the field, about a fifth."""

INSIDE = int(np.count_nonzero(~_OUTSIDE))
S3D_PIXELS = INSIDE * sum(mode.pixels for mode in S3D_MODES) / len(S3D_MODES)
"""Average number of voxels of a cube that have a value."""

Image = NDArray[Any]


class MadeUpCube(MadeUp):
    """An s3d; the cubes of all bands of a target have successive numbers."""

    def __init__(self, number: int) -> None:
        target, band = divmod(number, len(S3D_MODES))
        self._mode = S3D_MODES[band]
        self._place = place(target)
        keywords: dict[str, Value] = {
            "TARGNAME": f"GALAXY-{target}",
            "TARG_RA": self._place.ra,
            "TARG_DEC": self._place.dec,
        }
        super().__init__(number, self._mode.name, "s3d", self._mode.keywords | keywords)

    @property
    def n_spectra(self) -> int:
        """Number of spaxels."""
        return NX * NY

    @property
    def units(self) -> dict[str, str]:
        """Units of a cube: MJy/sr."""
        return {"flux": "MJy/sr"}

    def blocks(self) -> Iterator[Block]:
        """Yield the spaxels, `ROWS` rows at a time."""
        rng = np.random.default_rng(self.number)
        for start in range(0, NY, ROWS):
            yield self._block(rng, slice(start, start + ROWS))

    def _block(self, rng: np.random.Generator, rows: slice) -> Block:
        y, x, outside = (grid[rows].ravel() for grid in (_Y, _X, _OUTSIDE))
        flux, error = _voxels(rng, y, x, self._mode.pixels)
        flux[outside] = error[outside] = np.nan
        dq = np.where(rng.random(flux.shape) < 0.03, np.uint32(4), np.uint32(0))
        dq[outside] = 513
        wavelength = np.linspace(self._mode.low, self._mode.high, self._mode.pixels)
        return Block(
            first=rows.start * NX,
            wavelength=wavelength[np.newaxis],
            flux=flux,
            flux_err=error,
            inside=np.ones(flux.shape, bool),
            good=good_3d(flux, error, dq, zero_is_empty=False),
            axis="z",
            spectra=self._positions(y, x),
            dq=dq,
            x=x,
            y=y,
        )

    def _positions(self, y: Image, x: Image) -> dict[str, Any]:
        across = (23 - x) * SPAXEL / np.cos(np.radians(self._place.dec))
        return {
            "sourceType": "EXTENDED",
            "ra": (self._place.ra + across) % 360,
            "dec": self._place.dec + (y - 22) * SPAXEL,
            "positionFrom": "spaxel",
        }


def _voxels(rng: np.random.Generator, y: Image, x: Image, planes: int) -> tuple[Image, Image]:
    """Return surface brightness and error of a source that is brightest at its centre."""
    level = 5 + 500 * np.exp(-0.5 * np.hypot(y - 22, x - 23) ** 2 / 25)[:, np.newaxis]
    noise = (2 + level / 20).astype("f4")
    along = np.linspace(0, 6, planes)
    shape = 1 + 0.2 * np.sin(along) + 3 * np.exp(-0.5 * ((along - 2.5) / 0.01) ** 2)
    flux = (level * shape).astype("f4")
    flux += noise * rng.standard_normal(flux.shape, "f4")
    error = noise * (1 + 0.1 * rng.standard_normal(flux.shape, "f4"))
    return flux, error.astype("f4")
