"""Spectral cubes (s3d)."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile, Hdu
from spectraldb.fits.header import Cards, Value
from spectraldb.products.images import computed, image_column
from spectraldb.products.model import ArrayColumn, Axis, Block, Product
from spectraldb.products.quality import good_3d
from spectraldb.products.units import calibration_version, right_unit
from spectraldb.products.wcs import cube_sky, cube_wavelength, sky_cards

BLOCK_PIXELS = 250_000
"""The arrays of so many stay in the processor's cache; larger ones take twice the time."""

SLAB_BYTES = 64 * 2**20
"""How much of an extension is read at once: as a spectrum lies across all of it, a lot."""


class CubeProduct(Product):
    """A cube: array axes (plane, y, x), a spectrum in each spaxel, numbered y * nx + x."""

    def __init__(self, file: FitsFile, file_name: str, product_type: str, sci: Hdu) -> None:
        super().__init__(file, file_name, product_type)
        self.sci = sci
        for name in ("ERR", "DQ"):
            other = file.find(name)
            if other is not None and other.axes != sci.axes:
                raise RefusedError(f"{name} has the shape {other.axes}, SCI has {sci.axes}")
        self.wavelength = cube_wavelength(file, sci.cards)

    @property
    def science(self) -> Cards:
        """The cards of SCI."""
        return self.sci.cards

    @property
    def n_spectra(self) -> int:
        """How many spaxels there are."""
        return self.sci.axes[1] * self.sci.axes[2]

    @cached_property
    def units(self) -> dict[str, str]:
        """The right unit of the flux."""
        unit = str(self.science.get("BUNIT") or "")
        return {"flux": right_unit("SCI", unit, self.primary, self.science)}

    @cached_property
    def sky(self) -> tuple[Array, Array]:
        """Right ascension and declination of the spaxels, shape (ny, nx)."""
        return cube_sky(self.sci)

    def sky_cards(self, x: int, y: int) -> dict[str, Value]:
        """Return the cards of the celestial axes of SCI."""
        return sky_cards(self.science, x, y)

    @property
    def dispersion(self) -> Axis:
        """Wavelength runs from plane to plane."""
        return "z"

    def columns(self) -> list[ArrayColumn]:
        """Return wavelength, positions and every image."""
        source = "WCS-TABLE" if self.file.find("WCS-TABLE") else "SCI"
        ra, dec = self.sky
        return [
            computed("wavelength", source, self.wavelength, "um"),
            computed("ra", "SCI", ra, "deg"),
            computed("dec", "SCI", dec, "deg"),
            *(image_column(self, hdu) for hdu in self.images),
        ]

    @property
    def images(self) -> list[Hdu]:
        """The image extensions, in the order of the file."""
        return [hdu for hdu in self.file.hdus if hdu.is_image]

    def blocks(self, rows: range | None = None) -> Iterator[Block]:
        """Yield the spaxels, some rows of the cube at a time; all rows, or a range of them."""
        nz, ny, nx = self.sci.axes
        rows = rows or range(ny)
        for slab in _ranges(rows.start, rows.stop, SLAB_BYTES * ny // self.sci.data_size):
            slabs = [self._slab(name, slab) for name in ("SCI", "ERR", "DQ")]
            for some in _ranges(slab.start, slab.stop, BLOCK_PIXELS // (nz * nx)):
                part = slice(some.start - slab.start, some.stop - slab.start)
                yield self._block(some, *(_spectra(found, part) for found in slabs))

    def _slab(self, name: str, rows: slice) -> tuple[Hdu, Array] | None:
        hdu = self.file.find(name)
        return None if hdu is None else (hdu, hdu.slab(rows.start, rows.stop))

    def _block(
        self, part: slice, flux: Array | None, error: Array | None, dq: Array | None
    ) -> Block:
        assert flux is not None  # noqa: S101 - the product has SCI, or it would not be a cube
        nx = self.sci.axes[2]
        ra, dec = (angle[part].ravel() for angle in self.sky)
        y, x = (grid.ravel() for grid in np.mgrid[part, :nx])
        old = calibration_version(self.primary) < (1, 9, 0)
        good = good_3d(flux, error, dq, zero_is_empty=old) & np.isfinite(self.wavelength)
        return Block(
            first=part.start * nx,
            wavelength=self.wavelength[np.newaxis],
            flux=flux,
            flux_err=np.full(flux.shape, np.nan, "f4") if error is None else error,
            inside=np.ones(flux.shape, bool),
            good=good,
            dq=dq,
            axis="z",
            x=x,
            y=y,
            spectra={
                "sourceType": self.science.get("SRCTYPE") or None,
                "ra": ra,
                "dec": dec,
                "positionFrom": "spaxel",
            },
        )


def _ranges(start: int, stop: int, step: int) -> Iterator[slice]:
    """Yield ranges of at least one, end to end."""
    for first in range(start, stop, max(1, step)):
        yield slice(first, min(first + max(1, step), stop))


def _spectra(slab: tuple[Hdu, Array] | None, rows: slice) -> Array | None:
    """Return some rows of a slab as spectra, shape (spaxels, planes)."""
    if slab is None:
        return None
    hdu, voxels = slab
    part = voxels[:, rows]
    return hdu.values_of(np.ascontiguousarray(part.reshape(part.shape[0], -1).T))
