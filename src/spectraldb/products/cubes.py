"""Spectral cubes (s3d)."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile
from spectraldb.fits.header import Header, Value
from spectraldb.fits.image import ImageHdu
from spectraldb.products.images import computed, image_column
from spectraldb.products.model import ArrayColumn, Axis, Block, Product
from spectraldb.products.quality import good_3d
from spectraldb.products.units import calibration_version, right_unit
from spectraldb.products.wcs import celestial_wcs, cube_sky, cube_wavelength

BLOCK_PIXELS = 250_000
"""The arrays of so many stay in the processor's cache; larger ones take twice the time."""

SLAB_BYTES = 64 * 2**20
"""How much of an extension is read at once: as a spectrum lies across all of it, a lot."""


class CubeProduct(Product):
    """A cube: array axes (plane, y, x), a spectrum in each spaxel, numbered y * nx + x."""

    def __init__(self, file: FitsFile, file_name: str, product_type: str, sci: ImageHdu) -> None:
        super().__init__(file, file_name, product_type)
        self.sci = sci
        for name in ("ERR", "DQ"):
            other = file.find(name)
            if other is not None and other.shape != sci.shape:
                raise RefusedError(f"{name} has the shape {other.shape}, SCI has {sci.shape}")
        self.wavelength = cube_wavelength(file, sci.header)

    @property
    def science_header(self) -> Header:
        """The header of SCI."""
        return self.sci.header

    @property
    def n_spectra(self) -> int:
        """How many spaxels there are."""
        return self.sci.shape[1] * self.sci.shape[2]

    @cached_property
    def units(self) -> dict[str, str]:
        """The right unit of the flux."""
        unit = str(self.science_header.get("BUNIT") or "")
        return {"flux": right_unit("SCI", unit, self.primary_header, self.science_header)}

    @cached_property
    def sky(self) -> tuple[Array, Array]:
        """Right ascension and declination of the spaxels, shape (ny, nx)."""
        return cube_sky(self.sci)

    def celestial_wcs(self, x: int, y: int) -> dict[str, Value]:
        """Return the celestial WCS keywords of SCI."""
        return celestial_wcs(self.science_header, x, y)

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
            *(image_column(self, hdu) for hdu in self.file.images()),
        ]

    def blocks(self, rows: range | None = None) -> Iterator[Block]:
        """Yield the spaxels, some rows of the cube at a time; all rows, or a range of them."""
        nz, ny, nx = self.sci.shape
        rows = rows or range(ny)
        for slab in _ranges(rows.start, rows.stop, SLAB_BYTES * ny // self.sci.data_size):
            slabs = [self._slab(name, slab) for name in ("SCI", "ERR", "DQ")]
            for some in _ranges(slab.start, slab.stop, BLOCK_PIXELS // (nz * nx)):
                part = slice(some.start - slab.start, some.stop - slab.start)
                yield self._block(some, *(_spectra(found, part) for found in slabs))

    def _slab(self, name: str, rows: slice) -> tuple[ImageHdu, Array] | None:
        hdu = self.file.image(name)
        return None if hdu is None else (hdu, hdu.read_raw_rows(rows.start, rows.stop))

    def _block(
        self, part: slice, flux: Array | None, error: Array | None, dq: Array | None
    ) -> Block:
        assert flux is not None  # noqa: S101 - the product has SCI, or it would not be a cube
        nx = self.sci.shape[2]
        ra, dec = (angle[part].ravel() for angle in self.sky)
        y, x = (grid.ravel() for grid in np.mgrid[part, :nx])
        old = calibration_version(self.primary_header) < (1, 9, 0)
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
                "sourceType": self.science_header.get("SRCTYPE") or None,
                "ra": ra,
                "dec": dec,
                "positionFrom": "spaxel",
            },
        )


def _ranges(start: int, stop: int, step: int) -> Iterator[slice]:
    """Yield ranges of at least one, end to end."""
    for first in range(start, stop, max(1, step)):
        yield slice(first, min(first + max(1, step), stop))


def _spectra(slab: tuple[ImageHdu, Array] | None, rows: slice) -> Array | None:
    """Return some rows of a slab as spectra, shape (spaxels, planes)."""
    if slab is None:
        return None
    hdu, voxels = slab
    part = voxels[:, rows]
    return hdu.physical_values(np.ascontiguousarray(part.reshape(part.shape[0], -1).T))
