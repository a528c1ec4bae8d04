"""Rectified two-dimensional spectra (s2d)."""

from dataclasses import dataclass

import numpy as np
from astropy.io import fits

from spectraldb.sample.extraction import MJY_PER_JY, Extraction
from spectraldb.sample.headers import Cards, append_cards, exposure_cards
from spectraldb.sample.measured import Array, Mask, Measured, observe
from spectraldb.sample.observation import Observation
from spectraldb.sample.product import Product, assemble, header_table
from spectraldb.sample.spectra import gaussian
from spectraldb.sample.wcs import ARCSEC_SR, Slit


@dataclass(frozen=True, slots=True)
class Image:
    """Spectrum of a slit, with rows along the slit and wavelengths along columns.

    The file may store it transposed.
    """

    slit: Slit
    wavelength: Array
    """um, shape (n,), in the order of the file."""
    signal: Measured
    """MJy or MJy/sr, shape (rows, n); NaN without data."""
    covered: Mask
    """Mask of pixels with data, shape (rows, n)."""

    def extract(self, centre: int, half: int, *, per_sr: bool) -> Extraction:
        """Sum the rows centre - half to centre + half of an image in MJy/sr (`per_sr`) or MJy."""
        rows = slice(centre - half, centre + half + 1)
        area = self.slit.pixel_sr if per_sr else 1.0
        signal = self.signal
        parts = (signal.value, signal.poisson, signal.rnoise, signal.flat)
        flux = Measured(*(part[rows] for part in parts)).total(axis=0).scaled(area / MJY_PER_JY)
        pixels = self.covered[rows].sum(axis=0).astype(np.float64)
        return Extraction(self.wavelength, flux, pixels, self.slit.pixel_sr, np.zeros(pixels.shape))


def profile(rows: int, centre: float, fwhm: float, nod: float = 0) -> Array:
    """Return the profile of a point source along a slit.

    The subtraction of nodded exposures leaves two negative images, half as bright, at a distance
    of `nod` rows.

    Returns
    -------
    array, shape (rows,)
        The positive image sums to 1.
    """
    row = np.arange(rows, dtype=np.float64)
    image = gaussian(row, centre, fwhm)
    light = float(image.sum())
    if nod:
        ghosts = gaussian(row, centre - nod, fwhm) + gaussian(row, centre + nod, fwhm)
        image = image - 0.5 * ghosts
    return image / light


def coverage(shape: tuple[int, ...], rng: np.random.Generator, *, lost: int) -> Mask:
    """Return the mask of pixels with data: all but edges, a few pixels and `lost` columns."""
    covered = rng.random(shape) > 0.002
    covered[[0, 1, -1]] = False
    covered[:, rng.choice(shape[1], lost, replace=False)] = False
    return covered


def observe_image(
    slit: Slit,
    wavelength: Array,
    truth: Array,
    covered: Mask,
    floor: float,
    rng: np.random.Generator,
) -> Image:
    """Add noise, `floor` at zero signal, to a true image (MJy or MJy/sr, shape (rows, n))."""
    signal = observe(truth, rng, floor=floor, gain=0.02 * floor).where(covered)
    return Image(slit, wavelength, signal, covered)


def s2d(observation: Observation, image: Image, cards: Cards, unit: str) -> Product:
    """Return an s2d product in the layout of the observation's release.

    Parameters
    ----------
    observation : Observation
        The observation.
    image : Image
        The data.
    cards : mapping
        Keywords of the source, for the SCI header.
    unit : str
        Value of BUNIT.
    """
    # Pixels without data were 0 before 1.15.0, and are NaN since; their variances were always NaN.
    fill = np.nan if observation.since("1.15.0") else 0.0
    error = np.where(image.covered, image.signal.error, fill)
    weight = np.where(image.covered, 1 / np.square(np.where(image.covered, error, 1.0)), 0.0)
    planes = {"SCI": np.where(image.covered, image.signal.value, fill), "ERR": error}
    if observation.since("1.15.0"):
        planes["WAVELENGTH"] = np.broadcast_to(image.wavelength, image.covered.shape)
    planes |= {
        "WHT": weight,
        "CON": image.covered[np.newaxis],
        "VAR_POISSON": image.signal.poisson,
        "VAR_RNOISE": image.signal.rnoise,
        "VAR_FLAT": image.signal.flat,
    }
    hdus = [_plane(name, values, image.slit.dispaxis) for name, values in planes.items()]
    append_cards(
        hdus[0].header,
        exposure_cards(observation) | {"BUNIT": unit} | _geometry(image.slit) | cards,
    )
    append_cards(hdus[1].header, {"BUNIT": unit})
    hdus.append(header_table(observation, "s2d", "SlitModel"))
    extra: Cards = {"NDRIZ": observation.exposures, "RESWHT": "ivm", "PIXFRAC": 1.0}
    meta = {"wcs": image.slit.gwcs(image.wavelength)}
    return assemble(observation, "s2d", "SlitModel", hdus, extra=extra, meta=meta)


def _plane(name: str, values: Array | Mask, dispaxis: int) -> fits.ImageHDU:
    kind = ">i4" if name == "CON" else ">f4"
    stored = values if dispaxis == 1 else np.swapaxes(values, -1, -2)
    return fits.ImageHDU(np.ascontiguousarray(stored, dtype=kind), name=name)


def _geometry(slit: Slit) -> Cards:
    return {
        "PHOTMJSR": 1.0,
        "PIXAR_SR": slit.pixel_sr,
        "PIXAR_A2": slit.pixel_sr / ARCSEC_SR,
        "RADESYS": "ICRS",
        "S_REGION": slit.region,
        "DISPAXIS": slit.dispaxis,
        "VELOSYS": 0.0,
        "SPECSYS": "BARYCENT",
    }
