"""NIRSpec multi-object spectroscopy: two galaxies in the shutters of the MSA."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from spectraldb.sample.extraction import without_flags
from spectraldb.sample.grids import PRISM_STEPS, dispersed
from spectraldb.sample.headers import Cards
from spectraldb.sample.images import coverage, observe_image, profile, s2d
from spectraldb.sample.lines import star_forming
from spectraldb.sample.measured import Array
from spectraldb.sample.observation import Observation
from spectraldb.sample.product import Product, assemble
from spectraldb.sample.spectra import emission
from spectraldb.sample.tables import table
from spectraldb.sample.wcs import Slit

FIELD_RA, FIELD_DEC = 62.4, -31.2


def scene() -> Iterator[Product]:
    """Yield the image and the spectrum of both sources."""
    yield from _point_source()
    yield from _extended_source()


def _point_source() -> Iterator[Product]:
    observation = _observation(
        "001", "s000000101", "clear-prism", {"FILTER": "CLEAR", "GRATING": "PRISM"}, "3.0.0"
    )
    rng = observation.generator()
    wavelength = dispersed(0.60, 5.30, 419, PRISM_STEPS)
    flux = _continuum(wavelength, 2.1, 1.2e-6) + emission(wavelength, star_forming(5e-20), 2.1)
    slit = Slit(FIELD_RA + 0.0213, FIELD_DEC + 0.0107, 52, 0.1, 38.0)
    # A point source's image is in MJy: each pixel holds its share of the flux density.
    truth = profile(slit.rows, 26.3, 1.9, nod=5.3)[:, np.newaxis] * flux * 1e-6
    image = observe_image(slit, wavelength, truth, coverage(truth.shape, rng, lost=5), 1.5e-14, rng)
    source = _source(slit, 101, "POINT", 0)
    yield s2d(observation, image, source | {"SLTNAME": "30"}, "MJy")
    spectrum = image.extract(26, 2, per_sr=False).columns(surface=False)
    yield assemble(
        observation,
        "x1d",
        "MultiSpecModel",
        [table(spectrum, source | _aperture(slit, 24, 28, 419))],
    )


def _extended_source() -> Iterator[Product]:
    optics = {"FILTER": "F290LP", "GRATING": "G395M"}
    observation = _observation("002", "s00202", "f290lp-g395m", optics, "1.12.5")
    rng = observation.generator()
    wavelength = np.linspace(2.85, 5.29, 1215)
    slit = Slit(FIELD_RA - 0.0148, FIELD_DEC - 0.0233, 41, 0.1, 38.0)
    flux = _continuum(wavelength, 5.4, 2.5e-7) + emission(wavelength, star_forming(4e-21), 5.4)
    truth = profile(slit.rows, 20.4, 3.4, nod=5.3)[:, np.newaxis] * flux * 1e-6 / slit.pixel_sr
    image = observe_image(slit, wavelength, truth, coverage(truth.shape, rng, lost=9), 0.03, rng)
    source = _source(slit, 202, "EXTENDED", -1)
    # jwst < 1.14.0 left the unit of the uncalibrated exposures in the images of this mode.
    yield s2d(observation, image, source | {"SLTNAME": "72"}, "DN/s")
    spectrum = without_flags(image.extract(20, 3, per_sr=True).columns())
    yield assemble(
        observation,
        "x1d",
        "MultiSpecModel",
        [table(spectrum, source | _aperture(slit, 17, 23, 1215))],
    )


def _observation(
    number: str, tag: str, elements: str, optics: dict[str, str], release: str
) -> Observation:
    return Observation(
        program="99001",
        number=number,
        tag=tag,
        elements=elements,
        instrument="NIRSPEC",
        exp_type="NRS_MSASPEC",
        optics={"DETECTOR": "MULTIPLE", **optics},
        target="",
        proposed="SYNTHETIC GALAXIES",
        title="star-forming galaxies through the MSA",
        ra=FIELD_RA,
        dec=FIELD_DEC,
        start=datetime(2024, 1, 14, int(number), 5, 30, tzinfo=UTC),
        exposures=3,
        exposure_s=1473.6,
        cal_ver=release,
    )


def _continuum(wavelength: Array, redshift: float, level: float) -> Array:
    # A young galaxy: half as bright below the Balmer break, nothing below Lyman alpha.
    rest = wavelength / (1 + redshift)
    broken = 0.75 + 0.25 * np.tanh((rest - 0.3646) / 0.02)
    return np.where(rest > 0.1216, level * broken * (rest / 0.5) ** 0.3, 0.0)


def _source(slit: Slit, number: int, kind: str, order: int) -> Cards:
    return {
        "SLTNAME": "NRS_MSASPEC",
        "SLITID": number % 97,
        "SOURCEID": number,
        "SRCNAME": f"99001_{number}",
        "SRCALIAS": str(number),
        "STLARITY": 1.0 if kind == "POINT" else 0.1,
        "SRCTYPE": kind,
        "SRCXPOS": 0.05,
        "SRCYPOS": -0.11,
        "SRCRA": slit.ra,
        "SRCDEC": slit.dec,
        "SHUTSTA": "1x1",
        "SPORDER": order,
        "DISPAXIS": 1,
    }


def _aperture(slit: Slit, first: int, last: int, columns: int) -> Cards:
    return {
        "SLIT_RA": slit.ra + 1e-5,
        "SLIT_DEC": slit.dec - 1e-5,
        "EXTRXSTR": 1,
        "EXTRXSTP": columns,
        "EXTRYSTR": first + 1,
        "EXTRYSTP": last + 1,
    }
