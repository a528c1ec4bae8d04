"""Products as specutils spectra."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spectraldb.client.arrays import ProductArrays
from spectraldb.client.wcs import cube_wcs
from spectraldb.counted import numbered_spectra
from spectraldb.errors import BadQueryError, NotHeldError

if TYPE_CHECKING:
    from specutils import Spectrum, SpectrumList

ERROR_ARRAYS = {"flux": "fluxErr", "surfBright": "sbErr"}
"""The array of errors for each array that can be used as flux."""


@dataclass(frozen=True)
class _Selection:
    """The pixels of a spectrum among those of a product."""

    pixels: Any
    """Their index into the arrays of the product."""
    wavelength: NDArray[Any]
    """The wavelengths along the spectral axis, shape (n,)."""
    axis: int = 0
    """The spectral axis of the indexed arrays."""


def make_spectrum(product: ProductArrays, number: int | None, what: str) -> "Spectrum":
    """Return a product, or one of its spectra, as a Spectrum."""
    dimensions = product.array(what).ndim
    if dimensions == 1:
        return _table_spectrum(product, number, what)
    if dimensions == 2:
        return _image_spectrum(product, number, what)
    if number is None:
        return _cube_spectrum(product, what)
    return _spaxel_spectrum(product, number, what)


def make_spectra(product: ProductArrays, what: str) -> "SpectrumList":
    """Return all spectra of a product as a SpectrumList."""
    from specutils import SpectrumList

    flux = product.array(what)
    if flux.ndim == 1:
        numbers = _spectrum_numbers(product)
    elif flux.ndim == 2:
        numbers = list(range(flux.shape[1 - _dispersion_axis(product, flux)]))
    else:
        raise BadQueryError(
            f"{product.file_name}: The cube has {flux.shape[1] * flux.shape[2]:,} spectra. Use "
            "spectrum() for the whole cube, or spectrum(k) for the spectrum of a spaxel."
        )
    return SpectrumList([make_spectrum(product, number, what) for number in numbers])


def _spectrum_numbers(product: ProductArrays) -> list[int]:
    """Return the numbers of the retrieved spectra of a 1-D product that have pixels."""
    if "spectrum" in product.arrays:
        return [int(n) for n in np.unique(product.array("spectrum"))]
    info = product.spectra_info
    return [int(info[0]["spectrum"])] if info else [0]


def _table_spectrum(product: ProductArrays, number: int | None, what: str) -> "Spectrum":
    numbers = _spectrum_numbers(product)
    if number is None and len(numbers) > 1:
        raise BadQueryError(
            f"{product.file_name}: The product has {len(numbers)} spectra. Use spectrum(k) for "
            f"one of them, with k = {_enumerate(numbers)}, or spectra() for all."
        )
    if number is not None and number not in numbers:
        raise NotHeldError(
            f"{product.file_name} has no spectrum {number}. Its spectra: {_enumerate(numbers)}."
        )
    pixels: Any = slice(None)
    if number is not None and "spectrum" in product.arrays:
        pixels = product.array("spectrum") == number
    meta = next((e for e in product.spectra_info if e["spectrum"] == number), {})
    if number is None and product.spectra_info:
        meta = product.spectra_info[0]
    return _build(product, what, _Selection(pixels, product.array("wavelength")[pixels]), meta)


def _enumerate(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers)) if len(numbers) < 10 else f"{numbers[0]} to {numbers[-1]}"


def _image_spectrum(product: ProductArrays, number: int | None, what: str) -> "Spectrum":
    flux, wavelength = product.array(what), product.array("wavelength")
    axis = _dispersion_axis(product, flux)
    if number is None:
        if wavelength.ndim > 1:
            raise BadQueryError(
                f"{product.file_name}: Each row has different wavelengths. Use spectrum(k) for one "
                "row, or spectra() for all."
            )
        return _build(product, what, _Selection(slice(None), wavelength, axis), {})
    if not 0 <= number < flux.shape[1 - axis]:
        raise NotHeldError(
            f"{product.file_name} has no row {number}. {numbered_spectra(flux.shape[1 - axis])}"
        )
    row: Any = (number, slice(None)) if axis == 1 else (slice(None), number)
    row_wavelength = wavelength if wavelength.ndim == 1 else wavelength[row]
    return _build(product, what, _Selection(row, row_wavelength), {})


def _dispersion_axis(product: ProductArrays, flux: NDArray[Any]) -> int:
    """Return the axis of an image along which wavelength changes."""
    axis = 1 if product.dispersion == "x" else 0
    if product.array("wavelength").shape not in ((flux.shape[axis],), flux.shape):
        raise BadQueryError(
            f"{product.file_name}: The retrieved part has no wavelength axis, so it cannot be a "
            "spectrum."
        )
    return axis


def _cube_spectrum(product: ProductArrays, what: str) -> "Spectrum":
    wavelength = product.array("wavelength")
    cards = product.head.get("wcs")
    wcs = cube_wcs(cards, wavelength) if cards else None
    return _build(product, what, _Selection(slice(None), wavelength), {}, wcs)


def _spaxel_spectrum(product: ProductArrays, number: int, what: str) -> "Spectrum":
    """Return the spectrum of a spaxel of the retrieved part, numbered y * nx + x."""
    _, ny, nx = product.array(what).shape
    if not 0 <= number < ny * nx:
        raise NotHeldError(
            f"{product.file_name} has no spaxel {number}. {numbered_spectra(ny * nx)}"
        )
    y, x = divmod(number, nx)
    meta: dict[str, Any] = {
        name: float(product.array(name)[y, x]) for name in ("ra", "dec") if name in product.arrays
    }
    spaxel = _Selection((slice(None), y, x), product.array("wavelength"))
    return _build(product, what, spaxel, meta)


def _build(
    product: ProductArrays, what: str, selection: _Selection, meta: dict[str, Any], wcs: Any = None
) -> "Spectrum":
    """Return a Spectrum of a selection of pixels, with further metadata.

    A Spectrum cannot contain pixels without a wavelength: they are left out and counted in `meta`.
    """
    from astropy.nddata import StdDevUncertainty
    from astropy.units import Quantity
    from specutils import Spectrum

    valid = np.isfinite(selection.wavelength) & (selection.wavelength > 0)
    meta = {"uri": product.uri, "productType": product.product_type, **meta}
    if not valid.all():
        meta["withoutWavelength"] = int((~valid).sum())

    def select(values: Any) -> Any:
        values = values[selection.pixels]
        return values if valid.all() else values[(slice(None),) * selection.axis + (valid,)]

    error = ERROR_ARRAYS.get(what, "")
    flux = Quantity(select(product[what]))
    unit = product.columns["wavelength"].unit or "um"
    return Spectrum(
        flux=flux,
        spectral_axis=Quantity(selection.wavelength[valid], unit),
        spectral_axis_index=selection.axis if flux.ndim > 1 else None,
        uncertainty=StdDevUncertainty(select(product[error])) if error in product.arrays else None,
        mask=~select(product.good),
        wcs=wcs if valid.all() else None,
        meta=meta,
    )
