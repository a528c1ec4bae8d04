"""Rectified 2-D spectra (s2d)."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile
from spectraldb.fits.header import Header
from spectraldb.fits.image import ImageHdu
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.block import Axis, Block
from spectraldb.products.image_columns import image_column, world_column
from spectraldb.products.pixel_area import PixelArea, pixel_area
from spectraldb.products.position import header_position
from spectraldb.products.product import Product
from spectraldb.products.quality import good_2d, integer_flags, is_empty
from spectraldb.products.spectrum_metadata import exposure_metadata, source_type
from spectraldb.products.units import corrected_unit
from spectraldb.products.wcs import SlitWorld, slit_table_wavelength, slit_world
from spectraldb.units import MICRON, is_spectral, known_wavelengths, to_micron

_EQUAL = 1e-12
"""Relative difference below which wavelengths are equal; the rounding of a gwcs is 1e-16."""


class SlitProduct(Product):
    """One slit, or several in a level-2 file; each row along the dispersion is a spectrum.

    Not thread-safe, like all products.

    Parameters
    ----------
    file, file_name, product_type
        As in `Product`.
    slits
        The SCI extension of each slit, which has two axes.

    Raises
    ------
    RefusedError
        If a slit has no wavelengths, or the slits have different extensions.
    """

    def __init__(
        self, file: FitsFile, file_name: str, product_type: str, slits: list[ImageHdu]
    ) -> None:
        super().__init__(file, file_name, product_type)
        self.slits = slits
        self._worlds: dict[int, SlitWorld | None] = {}
        for i in range(len(slits)):
            self.wavelength(i)
            if [h.name for h in self.images(i)] != [h.name for h in self.images(0)]:
                raise RefusedError("The slits have different extensions.")

    @property
    def science_header(self) -> Header:
        """The header of the first SCI extension."""
        return self.slits[0].header

    @property
    def n_spectra(self) -> int:
        """Number of rows along the dispersion, in all slits."""
        return sum(self._n_rows(slit) for slit in range(len(self.slits)))

    @cached_property
    def units(self) -> dict[str, str]:
        """The correct unit of the flux."""
        unit = str(self.science_header.get("BUNIT") or "")
        return {"flux": corrected_unit("SCI", unit, self.primary_header, self.science_header)}

    @cached_property
    def pixel_area(self) -> PixelArea | None:
        """The solid angle of a pixel; None if it is not known, or differs between slits."""
        areas = {pixel_area(slit.header) for slit in self.slits}
        return areas.pop() if len(areas) == 1 else None

    @property
    def dispersion(self) -> Axis:
        """The dispersion axis of the first slit."""
        return self.slit_dispersion(0)

    def slit_dispersion(self, slit: int) -> Axis:
        """Return the dispersion axis of a slit (DISPAXIS)."""
        return "x" if self.slits[slit].integer("DISPAXIS", 1) == 1 else "y"

    def along_dispersion(self, slit: int, image: Array) -> Array:
        """Return an image of a slit with one spectrum per row, shape (spectra, pixels)."""
        return image if self.slit_dispersion(slit) == "x" else image.T

    def wavelength(self, slit: int) -> tuple[str, Array]:
        """Return the source extension and the wavelengths, in micron, of a slit.

        Wavelengths are 1-D if they are equal in all rows, else they have the shape of the image.
        Wavelengths from a WAVELENGTH extension always have the shape of the image.
        """
        hdu = self.slits[slit]
        image = self.file.image("WAVELENGTH", hdu.version)
        if image is not None:
            unit = str(image.header.get("BUNIT") or MICRON)
            if not is_spectral(unit):
                raise RefusedError(f"WAVELENGTH has the unit {unit!r}, which is not spectral.")
            return "WAVELENGTH", to_micron(image.read(), unit)
        fits_axis = 1 if self.slit_dispersion(slit) == "x" else 2
        table = slit_table_wavelength(self.file, hdu.header, fits_axis)
        if table is not None:
            return "WCS-TABLE", table
        world = self.world(slit)
        if world is None:
            raise RefusedError(
                "The image has no wavelengths: the file has no WAVELENGTH, no WCS-TABLE and no "
                "WCS in ASDF."
            )
        row = _common_row(self.along_dispersion(slit, world.wavelength))
        return "ASDF", world.wavelength if row is None else row

    def world(self, slit: int) -> SlitWorld | None:
        """Return the world coordinates of a slit from its gwcs, or None if it has none."""
        if slit not in self._worlds:
            ny, nx = self.slits[slit].shape
            self._worlds[slit] = slit_world(self.file, slit, (ny, nx))
        return self._worlds[slit]

    def columns(self) -> list[ArrayColumn]:
        """Return the wavelengths and images of the slit.

        If there are several slits (level 2), each column contains one image per slit.
        """
        slits = [self.slit_columns(i) for i in range(len(self.slits))]
        if len(slits) == 1:
            return slits[0]
        return [ragged_column(list(columns)) for columns in zip(*slits, strict=True)]

    def slit_columns(self, slit: int) -> list[ArrayColumn]:
        """Return the wavelengths and images of one slit."""
        source, wavelength = self.wavelength(slit)
        columns = [image_column(self, image) for image in self.images(slit)]
        if source != "WAVELENGTH":
            columns.insert(0, world_column("wavelength", wavelength, "um", source))
        return columns

    def images(self, slit: int) -> list[ImageHdu]:
        """Return the image extensions of a slit, in file order."""
        version = self.slits[slit].version
        return [hdu for hdu in self.file.images() if hdu.version == version]

    def find(self, spectrum: int) -> tuple[int, int]:
        """Return the slit of a spectrum and its row in the slit.

        Raises
        ------
        NotHeldError
            If the product has no such spectrum.
        """
        self.check_spectrum(spectrum)
        for slit in range(len(self.slits)):
            if spectrum < self._n_rows(slit):
                return slit, spectrum
            spectrum -= self._n_rows(slit)
        raise AssertionError("check_spectrum rejects such numbers")

    def _n_rows(self, slit: int) -> int:
        ny, nx = self.slits[slit].shape
        return ny if self.slit_dispersion(slit) == "x" else nx

    def blocks(self) -> Iterator[Block]:
        """Yield a block for each slit."""
        first = 0
        for slit in range(len(self.slits)):
            yield self.block(slit, first)
            first += self._n_rows(slit)

    def block(self, slit: int, first: int = 0) -> Block:
        """Return the spectra of a slit, numbered from `first`."""
        flux = self.along_dispersion(slit, self.slits[slit].read())
        error = self._read_image(slit, "fluxErr") if self._has_errors else None
        weight = self._read_image(slit, "wht")
        dq = integer_flags(self._read_image(slit, "dq"))
        wavelength = self.wavelength(slit)[1]
        rows = (
            wavelength[np.newaxis]
            if wavelength.ndim == 1
            else self.along_dispersion(slit, wavelength)
        )
        rows = known_wavelengths(rows)
        axis = self.slit_dispersion(slit)
        row = np.arange(flux.shape[0])
        return Block(
            first=first,
            wavelength=rows,
            flux=flux,
            flux_err=np.full(flux.shape, np.nan, "f4") if error is None else error,
            inside=np.ones(flux.shape, bool) if weight is None else weight > 0,
            good=good_2d(rows, flux, error, weight),
            dq=dq,
            axis=axis,
            x=None if axis == "x" else row,
            y=row if axis == "x" else None,
            spectra=self._row_metadata(slit),
        )

    @cached_property
    def _has_errors(self) -> bool:
        """Whether the errors are not 0 or NaN in all slits, which counts as absent."""
        images = (self.array_image("fluxErr", slit.version) for slit in self.slits)
        return not is_empty(image.read() for image in images if image is not None)

    def _read_image(self, slit: int, name: str) -> Array | None:
        """Return an image of a slit with one spectrum per row, or None if the file has none."""
        hdu = self.slits[slit]
        other = self.array_image(name, hdu.version)
        if other is None:
            return None
        if other.shape != hdu.shape:
            raise RefusedError(
                f"{other.name} has shape {other.shape}, but SCI has shape {hdu.shape}."
            )
        return self.along_dispersion(slit, other.read())

    def _row_metadata(self, slit: int) -> dict[str, object]:
        """Return columns of SpectralCharacteristics: one value for all rows, or an array."""
        header = self.slits[slit].header
        metadata: dict[str, object] = {
            "sourceId": header.get("SOURCEID"),
            "sourceType": source_type(header, self.primary_header),
            "slit": header.get("SLTNAME") or None,
            "order": header.get("SPORDER"),
        }
        metadata |= exposure_metadata(header, self.primary_header)
        return metadata | self._row_positions(slit)

    def _row_positions(self, slit: int) -> dict[str, object]:
        world = self.world(slit)
        if world is None:
            position = header_position(self.slits[slit].header, self.primary_header)
            return {"ra": position.ra, "dec": position.dec, "positionFrom": position.origin}
        ra, dec = (
            _middle_of_rows(self.along_dispersion(slit, angle)) for angle in (world.ra, world.dec)
        )
        return {"ra": ra % 360.0, "dec": dec, "positionFrom": "row"}


def ragged_column(slits: list[ArrayColumn]) -> ArrayColumn:
    """Combine the same image of several slits into one column, with one image per slit."""
    return replace(
        slits[0],
        shape=(len(slits),),
        chunks=lambda: (slit.read() for slit in slits),
        ragged=True,
    )


def _common_row(rows: Array) -> Array | None:
    """Return the common row if all rows of an image are equal, else None."""
    finite = np.isfinite(rows)
    first = rows[finite.argmax(axis=0), np.arange(rows.shape[1])]
    with np.errstate(invalid="ignore"):
        equal = np.abs(rows - first) <= _EQUAL * np.abs(first)
    return first if np.all(equal | ~finite) else None


def _middle_of_rows(rows: Array) -> Array:
    """Return the middle finite value of each row, shape (rows,); NaN if there is none."""
    finite = np.isfinite(rows)
    rank = np.cumsum(finite, axis=1)
    middle = (rank == (rank[:, -1:] + 1) // 2).argmax(axis=1)
    return np.where(finite.any(axis=1), rows[np.arange(len(rows)), middle], np.nan)
