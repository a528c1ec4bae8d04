"""Spectral cubes (s3d)."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile
from spectraldb.fits.header import Header, Value
from spectraldb.fits.image import ImageHdu
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.block import Axis, Block
from spectraldb.products.cube_wavelength import cube_wavelength
from spectraldb.products.cube_wcs import celestial_keywords, cube_sky
from spectraldb.products.image_columns import image_column, world_column
from spectraldb.products.pixel_area import PixelArea, pixel_area
from spectraldb.products.product import Product
from spectraldb.products.quality import good_3d, integer_flags, is_empty
from spectraldb.products.spectrum_metadata import exposure_metadata, source_type
from spectraldb.products.units import calibration_version, corrected_unit
from spectraldb.units import known_wavelengths

BLOCK_PIXELS = 250_000
"""Pixels per block: arrays of this size fit in the CPU cache; larger ones take twice as long."""

SLAB_BYTES = 64 * 2**20
"""Bytes of an extension to read at once: many, because each spectrum spans all planes."""


class CubeProduct(Product):
    """A cube with the array axes (plane, y, x); spectrum y * nx + x is the spaxel (y, x).

    Not thread-safe, like all products.

    Parameters
    ----------
    file, file_name, product_type
        As in `Product`.
    sci
        The SCI extension, which has three axes.

    Raises
    ------
    RefusedError
        If the shape of ERR or DQ differs from that of SCI, or the file has no wavelengths.
    """

    def __init__(self, file: FitsFile, file_name: str, product_type: str, sci: ImageHdu) -> None:
        super().__init__(file, file_name, product_type)
        self.sci = sci
        for name in ("fluxErr", "dq"):
            other = self.array_image(name)
            if other is not None and other.shape != sci.shape:
                raise RefusedError(
                    f"{other.name} has shape {other.shape}, but SCI has shape {sci.shape}."
                )
        self.wavelength = cube_wavelength(file, sci.header)

    @property
    def science_header(self) -> Header:
        """The header of the SCI extension."""
        return self.sci.header

    @property
    def n_spectra(self) -> int:
        """Number of spaxels."""
        return self.sci.shape[1] * self.sci.shape[2]

    @cached_property
    def units(self) -> dict[str, str]:
        """The correct unit of the flux."""
        unit = str(self.science_header.get("BUNIT") or "")
        return {"flux": corrected_unit("SCI", unit, self.primary_header, self.science_header)}

    @cached_property
    def pixel_area(self) -> PixelArea | None:
        """The solid angle of a spaxel, or None if the header does not have it."""
        return pixel_area(self.science_header)

    @cached_property
    def sky(self) -> tuple[Array, Array]:
        """Right ascension and declination of the spaxels in degrees, each of shape (ny, nx)."""
        return cube_sky(self.sci)

    def celestial_wcs(self, x: int, y: int) -> dict[str, Value]:
        """Return the celestial WCS keywords of a cut-out with the first pixel x, y."""
        if not np.isfinite(self.sky[0]).any():
            return {}
        return celestial_keywords(self.science_header, x, y)

    @property
    def dispersion(self) -> Axis:
        """The dispersion axis: wavelength changes from plane to plane."""
        return "z"

    def columns(self) -> list[ArrayColumn]:
        """Return the wavelengths, the positions and all images."""
        source = "WCS-TABLE" if self.file.find("WCS-TABLE") else "SCI"
        ra, dec = self.sky
        return [
            world_column("wavelength", self.wavelength, "um", source),
            world_column("ra", ra, "deg", "SCI"),
            world_column("dec", dec, "deg", "SCI"),
            *(image_column(self, hdu) for hdu in self.file.images()),
        ]

    def blocks(self, rows: range | None = None) -> Iterator[Block]:
        """Yield the spaxels of all rows, or of a range of rows, in blocks of whole rows."""
        nz, ny, nx = self.sci.shape
        rows = rows or range(ny)
        for slab in _split(rows, SLAB_BYTES * ny // self.sci.data_size):
            slabs = [_read_slab(hdu, slab) for hdu in self._images]
            for part in _split(slab, BLOCK_PIXELS // (nz * nx)):
                within = slice(part.start - slab.start, part.stop - slab.start)
                yield self._block(part, *(_spectra(raw, within) for raw in slabs))

    @cached_property
    def _images(self) -> tuple[ImageHdu, ImageHdu | None, ImageHdu | None]:
        """SCI, ERR and DQ; errors that are 0 or NaN throughout count as absent."""
        error = self.array_image("fluxErr")
        if error is not None and is_empty(image_column(self, error).chunks()):
            error = None
        return self.sci, error, self.array_image("dq")

    def _block(
        self, rows: range, flux: Array | None, error: Array | None, dq: Array | None
    ) -> Block:
        assert flux is not None  # noqa: S101 - every cube has SCI
        nx = self.sci.shape[2]
        part = slice(rows.start, rows.stop)
        ra, dec = (angle[part].ravel() for angle in self.sky)
        y, x = (grid.ravel() for grid in np.mgrid[part, :nx])
        dq = integer_flags(dq)
        old = calibration_version(self.primary_header) < (1, 9, 0)
        good = good_3d(flux, error, dq, zero_is_empty=old)
        good &= np.isfinite(known_wavelengths(self.wavelength))
        return Block(
            first=rows.start * nx,
            wavelength=known_wavelengths(self.wavelength)[np.newaxis],
            flux=flux,
            flux_err=np.full(flux.shape, np.nan, "f4") if error is None else error,
            inside=np.ones(flux.shape, bool),
            good=good,
            dq=dq,
            axis="z",
            x=x,
            y=y,
            spectra=exposure_metadata(self.science_header, self.primary_header)
            | {
                "sourceType": source_type(self.science_header, self.primary_header),
                "ra": ra,
                "dec": dec,
                "positionFrom": "spaxel" if np.isfinite(ra).any() else None,
            },
        )


def _split(rows: range, size: int) -> Iterator[range]:
    """Yield consecutive parts of a range with up to `size` (at least one) elements."""
    step = max(1, size)
    for start in range(rows.start, rows.stop, step):
        yield range(start, min(start + step, rows.stop))


def _read_slab(hdu: ImageHdu | None, rows: range) -> tuple[ImageHdu, Array] | None:
    return None if hdu is None else (hdu, hdu.read_raw_rows(rows.start, rows.stop))


def _spectra(slab: tuple[ImageHdu, Array] | None, rows: slice) -> Array | None:
    """Return rows of a slab as spectra, shape (spaxels, planes)."""
    if slab is None:
        return None
    hdu, raw = slab
    part = raw[:, rows]
    return hdu.physical_values(np.ascontiguousarray(part.reshape(part.shape[0], -1).T))
