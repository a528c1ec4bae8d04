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
from spectraldb.products.model import ArrayColumn, Axis, Block, Described, Product, dtype_name
from spectraldb.products.position import header_position
from spectraldb.products.quality import good_2d
from spectraldb.products.units import right_unit
from spectraldb.products.wcs import SlitWorld, slit_table_wavelength, slit_world
from spectraldb.schema.columns import by_name

CHUNK_BYTES = 2**20
_SAME = 1e-12
"""Wavelengths that differ by less, relatively, are the same: a gwcs rounds at 1e-16."""


class SlitProduct(Product):
    """One slit, or the several of a level-2 file; a spectrum is a row along the dispersion."""

    def __init__(
        self, file: FitsFile, file_name: str, product_type: str, slits: list[ImageHdu]
    ) -> None:
        super().__init__(file, file_name, product_type)
        self.slits = slits
        self._worlds: dict[int, SlitWorld | None] = {}
        for i in range(len(slits)):
            self.wavelength(i)
            if [h.name for h in self.images(i)] != [h.name for h in self.images(0)]:
                raise RefusedError("its slits have different extensions")

    @property
    def science_header(self) -> Header:
        """The header of the first SCI."""
        return self.slits[0].header

    @property
    def n_spectra(self) -> int:
        """How many rows there are across the slits."""
        return sum(self._n_rows(hdu) for hdu in self.slits)

    @cached_property
    def units(self) -> dict[str, str]:
        """The right unit of the flux."""
        unit = str(self.science_header.get("BUNIT") or "")
        return {"flux": right_unit("SCI", unit, self.primary_header, self.science_header)}

    def dispersion_axis(self, hdu: ImageHdu) -> int:
        """Return 1 if wavelength runs along x, 2 if along y (DISPAXIS)."""
        return hdu.integer("DISPAXIS", 1)

    def wavelength(self, slit: int) -> tuple[str, Array]:
        """Return the wavelengths of a slit in micron and the extension they came from.

        1-D where all rows have the same, else of the image's shape; an extension WAVELENGTH is
        given as it is.
        """
        hdu = self.slits[slit]
        image = self.file.image("WAVELENGTH", hdu.version)
        if image is not None:
            return "WAVELENGTH", image.read()
        table = slit_table_wavelength(self.file, hdu.header, self.dispersion_axis(hdu))
        if table is not None:
            return "WCS-TABLE", table
        world = self.world(slit)
        if world is None:
            raise RefusedError(
                "the image has no wavelengths: no WAVELENGTH, no WCS-TABLE, no WCS in ASDF"
            )
        return "ASDF", _one_row(world.wavelength, self.dispersion_axis(hdu))

    def world(self, slit: int) -> SlitWorld | None:
        """Return the world coordinates of a slit from its gwcs, if the file has one."""
        if slit not in self._worlds:
            ny, nx = self.slits[slit].shape
            self._worlds[slit] = slit_world(self.file, slit, (ny, nx))
        return self._worlds[slit]

    @property
    def dispersion(self) -> Axis:
        """The axis along which wavelength runs, of the first slit."""
        return "x" if self.dispersion_axis(self.slits[0]) == 1 else "y"

    def columns(self) -> list[ArrayColumn]:
        """Return wavelength and images of the slit.

        Of several slits (level 2) each column holds an image for each.
        """
        slits = [self.slit_columns(i) for i in range(len(self.slits))]
        if len(slits) == 1:
            return slits[0]
        return [_side_by_side(list(columns)) for columns in zip(*slits, strict=True)]

    def slit_columns(self, slit: int) -> list[ArrayColumn]:
        """Return wavelength and images of one slit."""
        source, wavelength = self.wavelength(slit)
        columns = [image_column(self, image) for image in self.images(slit)]
        if source != "WAVELENGTH":
            columns.insert(0, computed("wavelength", source, wavelength, "um"))
        return columns

    def images(self, slit: int) -> list[ImageHdu]:
        """Return the image extensions of a slit, in the order of the file."""
        version = self.slits[slit].version
        return [hdu for hdu in self.file.images() if hdu.version == version]

    def blocks(self) -> Iterator[Block]:
        """Yield the slits, a block each."""
        first = 0
        for slit, hdu in enumerate(self.slits):
            yield self.block(slit, first)
            first += self._n_rows(hdu)

    def _n_rows(self, hdu: ImageHdu) -> int:
        return hdu.shape[0] if self.dispersion_axis(hdu) == 1 else hdu.shape[1]

    def find(self, spectrum: int) -> tuple[int, int]:
        """Return slit and row of a spectrum.

        Raises
        ------
        NotHeldError
            If the product has no such spectrum.
        """
        self.check_spectrum(spectrum)
        for slit, hdu in enumerate(self.slits):
            if spectrum < self._n_rows(hdu):
                return slit, spectrum
            spectrum -= self._n_rows(hdu)
        raise AssertionError("check_spectrum lets no such number pass")

    def _rows(self, hdu: ImageHdu, image: Array) -> Array:
        """Return an image with its spectra in rows, shape (spectra, pixels)."""
        return image if self.dispersion_axis(hdu) == 1 else image.T

    def _image(self, hdu: ImageHdu, name: str) -> Array | None:
        other = self.file.image(name, hdu.version)
        if other is None:
            return None
        if other.shape != hdu.shape:
            raise RefusedError(f"{name} has the shape {other.shape}, SCI has {hdu.shape}")
        return self._rows(hdu, other.read())

    def block(self, slit: int, first: int = 0) -> Block:
        """Return the spectra of a slit, numbered from `first` on."""
        hdu = self.slits[slit]
        flux = self._rows(hdu, hdu.read())
        error, weight, dq = (self._image(hdu, name) for name in ("ERR", "WHT", "DQ"))
        wavelength = self.wavelength(slit)[1]
        rows = wavelength[np.newaxis] if wavelength.ndim == 1 else self._rows(hdu, wavelength)
        inside = np.ones(flux.shape, bool) if weight is None else weight > 0
        n = np.arange(flux.shape[0])
        along_x = self.dispersion_axis(hdu) == 1
        return Block(
            first=first,
            wavelength=rows,
            flux=flux,
            flux_err=np.full(flux.shape, np.nan, "f4") if error is None else error,
            inside=inside,
            good=good_2d(rows, flux, error, weight),
            dq=dq,
            axis="x" if along_x else "y",
            x=None if along_x else n,
            y=n if along_x else None,
            spectra=self._describe_rows(slit, hdu),
        )

    def _describe_rows(self, slit: int, hdu: ImageHdu) -> dict[str, object]:
        header = hdu.header
        described: dict[str, object] = {
            "sourceId": header.get("SOURCEID"),
            "sourceType": header.get("SRCTYPE") or None,
            "slit": header.get("SLTNAME") or None,
            "order": header.get("SPORDER"),
        }
        world = self.world(slit)
        if world is None:
            position = header_position(header, self.primary_header)
            return described | {
                "ra": position.ra,
                "dec": position.dec,
                "positionFrom": position.source,
            }
        ra, dec = (self._rows(hdu, angle) for angle in (world.ra, world.dec))
        return described | {
            "ra": _middle(ra) % 360.0,
            "dec": _middle(dec),
            "positionFrom": "row",
        }


def image_column(product: Product, hdu: ImageHdu) -> ArrayColumn:
    """Return an image extension as a column, read in ranges along its first axis."""
    step = max(1, CHUNK_BYTES * hdu.shape[0] // hdu.data_size)

    def chunks() -> Iterator[Array]:
        for start in range(0, hdu.shape[0], step):
            yield hdu.read(start, start + step)

    return ArrayColumn(
        dtype=dtype_name(hdu.dtype), shape=hdu.shape, chunks=chunks, **_description(product, hdu)
    )


def computed(name: str, source: str, values: Array, unit: str) -> ArrayColumn:
    """Return a column that was computed from the world coordinates in the extension `source`."""
    known = by_name()[name]
    return ArrayColumn(
        name=name,
        fits_ext=source,
        dtype=dtype_name(values.dtype),
        shape=values.shape,
        chunks=lambda: iter([values]),
        unit=unit,
        fits_unit=unit,
        description=f"{known.description}; from the world coordinates in {source}",
    )


def _description(product: Product, hdu: ImageHdu) -> Described:
    return product.describe(hdu.name or "PRIMARY", str(hdu.header.get("BUNIT") or ""))


def _side_by_side(slits: list[ArrayColumn]) -> ArrayColumn:
    """Return the same image of several slits as one column: an image for each, in order."""
    return replace(
        slits[0],
        shape=(len(slits),),
        chunks=lambda: (slit.read() for slit in slits),
        ragged=True,
    )


def _one_row(wavelength: Array, dispersion_axis: int) -> Array:
    """Return the wavelengths once if all rows of an image have the same, else as they are."""
    rows = wavelength if dispersion_axis == 1 else wavelength.T
    finite = np.isfinite(rows)
    first = rows[finite.argmax(axis=0), np.arange(rows.shape[1])]
    with np.errstate(invalid="ignore"):
        same = np.abs(rows - first) <= _SAME * np.abs(first)
    return first if np.all(same | ~finite) else wavelength


def _middle(angle: Array) -> Array:
    """Return the angle of each row at the middle of its finite pixels; NaN if it has none."""
    finite = np.isfinite(angle)
    rank = np.cumsum(finite, axis=1)
    middle = (rank == (rank[:, -1:] + 1) // 2).argmax(axis=1)
    return np.where(finite.any(axis=1), angle[np.arange(len(angle)), middle], np.nan)
