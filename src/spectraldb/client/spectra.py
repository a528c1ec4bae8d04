"""Products as specutils spectra."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spectraldb.client.wcs import cube_wcs
from spectraldb.errors import BadQueryError, NotHeldError

if TYPE_CHECKING:
    from specutils import Spectrum, SpectrumList

    from spectraldb.client.product import ProductData

ERRORS = {"flux": "fluxErr", "surfBright": "sbErr"}


def spectrum(product: "ProductData", number: int | None, what: str) -> "Spectrum":
    """Return a product, or one of its spectra, as a Spectrum."""
    dimensions = product.array(what).ndim
    if dimensions == 1:
        return _of_list(product, number, what)
    if dimensions == 3:
        return _of_cube(product, what) if number is None else _spaxel(product, number, what)
    return _of_image(product, number, what)


def spectra(product: "ProductData", what: str) -> "SpectrumList":
    """Return all spectra of a product as a SpectrumList."""
    from specutils import SpectrumList

    flux = product.array(what)
    if flux.ndim == 1:
        numbers = _numbers(product)
    elif flux.ndim == 2:
        numbers = list(range(flux.shape[1 - _along(product, flux)]))
    else:
        raise BadQueryError(
            f"{product.file_name} is a cube of {flux.shape[1] * flux.shape[2]:,} spectra: "
            "spectrum() returns them as one, spectrum(k) that of a spaxel"
        )
    return SpectrumList([spectrum(product, number, what) for number in numbers])


def _numbers(product: "ProductData") -> list[int]:
    """Return the numbers of the spectra of a 1-D product that are here and have pixels."""
    if "spectrum" in product.arrays:
        return [int(n) for n in np.unique(product.array("spectrum"))]
    told = product.spectra_info
    return [int(told[0]["spectrum"])] if told else [0]


def _of_list(product: "ProductData", number: int | None, what: str) -> "Spectrum":
    numbers = _numbers(product)
    if number is None:
        if len(numbers) > 1:
            raise BadQueryError(
                f"{product.file_name} has {len(numbers)} spectra: say which with spectrum(k), k "
                f"of {_listed(numbers)}, or take all with spectra()"
            )
        pixels: Any = slice(None)
    elif number not in numbers:
        raise NotHeldError(f"there is no spectrum {number} here: there are {_listed(numbers)}")
    elif "spectrum" in product.arrays:
        pixels = product.array("spectrum") == number
    else:
        pixels = slice(None)
    told = next((e for e in product.spectra_info if e["spectrum"] == number), {})
    if number is None and product.spectra_info:
        told = product.spectra_info[0]
    return _made(product, what, product.array("wavelength")[pixels], pixels, told)


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers)) if len(numbers) < 10 else f"{numbers[0]} to {numbers[-1]}"


def _of_image(product: "ProductData", number: int | None, what: str) -> "Spectrum":
    flux, wavelength = product.array(what), product.array("wavelength")
    along = _along(product, flux)
    if number is None:
        if wavelength.ndim > 1:
            raise BadQueryError(
                f"each row of {product.file_name} has wavelengths of its own: spectrum(k) returns "
                "that of a row, spectra() all of them"
            )
        return _made(product, what, wavelength, slice(None), {}, axis=along)
    if not 0 <= number < flux.shape[1 - along]:
        raise NotHeldError(f"there is no row {number} here: there are {flux.shape[1 - along]}")
    row: Any = (number, slice(None)) if along == 1 else (slice(None), number)
    return _made(product, what, wavelength if wavelength.ndim == 1 else wavelength[row], row, {})


def _along(product: "ProductData", flux: NDArray[Any]) -> int:
    """Return the axis of an image along which wavelength runs."""
    axis = 1 if product.dispersion == "x" else 0
    if product.array("wavelength").shape not in ((flux.shape[axis],), flux.shape):
        raise BadQueryError(
            f"what was retrieved of {product.file_name} has no axis of wavelength: no spectrum"
        )
    return axis


def _of_cube(product: "ProductData", what: str) -> "Spectrum":
    wavelength = product.array("wavelength")
    cards = product.head.get("wcs")
    wcs = cube_wcs(cards, wavelength) if cards else None
    return _made(product, what, wavelength, slice(None), {}, axis=0, wcs=wcs)


def _spaxel(product: "ProductData", number: int, what: str) -> "Spectrum":
    """Return the spectrum of a spaxel of what is here, counted y * nx + x."""
    _, ny, nx = product.array(what).shape
    if not 0 <= number < ny * nx:
        raise NotHeldError(f"there is no spaxel {number} here: there are {ny * nx}")
    y, x = divmod(number, nx)
    told: dict[str, Any] = {
        n: float(product.array(n)[y, x]) for n in ("ra", "dec") if n in product.arrays
    }
    return _made(product, what, product.array("wavelength"), (slice(None), y, x), told)


def _made(
    product: "ProductData",
    what: str,
    wavelength: NDArray[Any],
    pixels: Any,
    told: dict[str, Any],
    **more: Any,
) -> "Spectrum":
    """Return a Spectrum of some pixels; those without a wavelength cannot be part of it."""
    from astropy.nddata import StdDevUncertainty
    from astropy.units import Quantity
    from specutils import Spectrum

    axis = more.get("axis", 0)
    placed = np.isfinite(wavelength) & (wavelength > 0)
    keep = (slice(None),) * axis + (placed,)
    part: Any = (lambda values: values[pixels]) if placed.all() else (lambda v: v[pixels][keep])
    meta = {"uri": product.uri, "productType": product.product_type, **told}
    if not placed.all():
        meta["withoutWavelength"] = int((~placed).sum())
    error = ERRORS.get(what, "")
    uncertainty = StdDevUncertainty(part(product[error])) if error in product.arrays else None
    flux = Quantity(part(product[what]))
    return Spectrum(
        flux=flux,
        spectral_axis=Quantity(wavelength[placed], product.columns["wavelength"].unit or "um"),
        spectral_axis_index=axis if flux.ndim > 1 else None,
        uncertainty=uncertainty,
        mask=~part(product.good),
        wcs=more.get("wcs") if placed.all() else None,
        meta=meta,
    )
