"""A spectrum summed over an aperture, and the table columns computed from it."""

from dataclasses import dataclass

import numpy as np

from spectraldb.sample.measured import Array, Measured

MJY_PER_JY = 1e-6


@dataclass(frozen=True, slots=True)
class Extraction:
    """Flux density summed over the pixels of an aperture at each wavelength."""

    wavelength: Array
    """um, shape (n,)."""
    flux: Measured
    """Jy, shape (n,); NaN where the aperture has no pixels."""
    pixels: Array
    """Number of pixels summed, shape (n,)."""
    pixel_sr: float
    """Solid angle of a pixel, sr."""
    background: Array
    """Surface brightness around the source, MJy/sr, shape (n,)."""

    def columns(self, *, surface: bool = True, parts: bool = True) -> dict[str, Array]:
        """Return the 18 columns of EXTRACT1D.

        Parameters
        ----------
        surface : bool
            False where the pipeline leaves the surface brightness at zero: point sources in
            NIRSpec slits, and SOSS.
        parts : bool
            False where the pipeline leaves the parts of the flux variance at zero: integral field
            units.
        """
        per_sr = (
            MJY_PER_JY / (np.maximum(self.pixels, 1) * self.pixel_sr)
            if surface
            else np.zeros(self.pixels.shape)
        )
        sky_error = 0.02 * self.background
        zeros = np.zeros(self.pixels.shape)
        return {
            "WAVELENGTH": self.wavelength,
            **_quantity(self.flux, "FLUX", "FLUX_ERROR", "FLUX_VAR", parts=parts),
            **_quantity(self.flux.scaled(per_sr), "SURF_BRIGHT", "SB_ERROR", "SB_VAR", parts=parts),
            "DQ": np.isnan(self.flux.value).astype(np.float64),
            "BACKGROUND": self.background,
            "BKGD_ERROR": sky_error,
            "BKGD_VAR_POISSON": np.square(sky_error),
            "BKGD_VAR_RNOISE": zeros,
            "BKGD_VAR_FLAT": zeros,
            "NPIXELS": self.pixels,
        }


def without_flags(columns: dict[str, Array]) -> dict[str, Array]:
    """Mark bad pixels as jwst < 1.17.0 did in slits: value 0, error NaN and DQ 0."""
    bad = np.isnan(columns["FLUX"])
    zeros = {name: np.where(bad, 0.0, columns[name]) for name in ("FLUX", "SURF_BRIGHT", "DQ")}
    return columns | zeros


def _quantity(
    of: Measured, value: str, error: str, variance: str, *, parts: bool
) -> dict[str, Array]:
    variances = {"POISSON": of.poisson, "RNOISE": of.rnoise, "FLAT": of.flat}
    return {value: of.value, error: of.error} | {
        f"{variance}_{name}": part if parts else np.zeros_like(part)
        for name, part in variances.items()
    }
