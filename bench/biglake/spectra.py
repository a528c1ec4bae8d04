"""Synthetic extracted spectra (x1d) of sources of every brightness."""

import math
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bench.biglake.modes import X1D_MODES, Mode
from bench.biglake.product import MadeUp, place
from spectraldb.fits.header import Value
from spectraldb.products.block import Block
from spectraldb.products.quality import good_1d

BRIGHT = 38
"""Number of spectra with a level of at least 10 Jy in a lake of any size. A search for them always
finds about a thousand pixels."""
BRIGHT_JY = 10.0
LEVELS = 2.0
"""Standard deviation of the logarithm of the levels. That of S/N is 1, with a median of 10."""
SPIKED, SPIKE = 0.05, 1e7
"""Share of spectra with an outlier, as in real files, and the outlier relative to the level."""
EDGE = 20
"""Pixels at either end that can be outliers, where the calibration divides by almost zero."""

Spectrum = NDArray[np.float64]


class MadeUpSpectrum(MadeUp):
    """An x1d, number `number` of `count` in its lake.

    Level and S/N follow from the rank in brightness, not from random numbers, so that every part of
    a lake has the same distribution of both.
    """

    def __init__(self, number: int, count: int) -> None:
        self._rank = number * 2_654_435_761 % count  # a prime, so that each rank occurs once
        self._mode = X1D_MODES[self._rank % len(X1D_MODES)]
        self._place = place(number)
        keywords: dict[str, Value] = {
            "TARGNAME": f"STAR-{number}",
            "TARG_RA": self._place.ra,
            "TARG_DEC": self._place.dec,
        }
        super().__init__(number, self._mode.name, "x1d", self._mode.keywords | keywords)
        self._level = level(self._rank, count)
        self._snr = 10 * math.exp(NormalDist().inv_cdf((self._rank * 0.618034 + 0.5) % 1 or 0.5))

    @property
    def n_spectra(self) -> int:
        """Number of spectra: 1."""
        return 1

    @property
    def units(self) -> dict[str, str]:
        """Units of an extracted spectrum: Jy and MJy/sr."""
        return {"flux": "Jy", "surfBright": "MJy/sr"}

    def blocks(self) -> Iterator[Block]:
        """Yield the one spectrum."""
        rng = np.random.default_rng(self.number)
        wavelength = np.linspace(self._mode.low, self._mode.high, self._mode.pixels)
        noise = self._level / self._snr
        flux = self._level * _shape(rng, self._mode) + rng.normal(0, noise, len(wavelength))
        if rng.random() < SPIKED:
            flux[rng.integers(-EDGE, EDGE)] = self._level * SPIKE
        error = noise * rng.lognormal(0, 0.1, len(wavelength))
        dq = rng.choice(np.array([0, 1, 4], np.uint32), len(wavelength), p=[0.97, 0.02, 0.01])
        yield self._block(wavelength, flux, error, dq)

    def _block(
        self, wavelength: Spectrum, flux: Spectrum, error: Spectrum, dq: NDArray[np.uint32]
    ) -> Block:
        # Files of point sources have zeros instead of a surface brightness.
        none = np.zeros((1, len(wavelength)))
        return Block(
            first=0,
            wavelength=wavelength[np.newaxis],
            flux=flux[np.newaxis],
            flux_err=error[np.newaxis],
            inside=np.ones((1, len(wavelength)), bool),
            good=good_1d(wavelength, flux, error, dq)[np.newaxis],
            axis="x",
            spectra={
                "sourceType": "POINT",
                "ra": self._place.ra,
                "dec": self._place.dec,
                "positionFrom": "target",
            },
            dq=dq[np.newaxis],
            extra=dict.fromkeys(("surfBright", "sbErr", "background", "bkgdErr"), none),
        )


def level(rank: int, count: int) -> float:
    """Return the level in Jy of the source with a rank in brightness; levels are log-normal.

    The more sources, the fainter they are on average, so every lake has as many bright ones.
    """
    normal = NormalDist()
    middle = -LEVELS * normal.inv_cdf(1 - BRIGHT / count)
    return BRIGHT_JY * math.exp(middle + LEVELS * normal.inv_cdf(1 - (rank + 0.5) / count))


def _shape(rng: np.random.Generator, mode: Mode) -> Spectrum:
    """Return a continuum of about 1 with a slope and with lines."""
    along = np.linspace(-1, 1, mode.pixels)
    shape = np.asarray(1 + rng.uniform(-0.3, 0.3) * along)
    for centre in rng.uniform(-1, 1, 6):
        width = rng.uniform(2, 6) / mode.pixels
        shape += rng.lognormal(-0.5, 1) * np.exp(-0.5 * ((along - centre) / width) ** 2)
    return shape
