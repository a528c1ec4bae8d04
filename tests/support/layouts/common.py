"""Building blocks of synthetic products: descriptions, modes and numbers."""

import gzip
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from astropy.io import fits

Array = npt.NDArray[np.float64]
Write = Callable[[Path], None]

TARGET_RA, TARGET_DEC = 10.0, -20.0
# Two blanks after ICRS, and too long for one card, both as the pipeline writes it.
S_REGION = (
    "POLYGON ICRS  10.000000000 -20.000000000 10.001000000 -20.000000000 "
    "10.001000000 -20.001000000 10.000000000 -20.001000000"
)


@dataclass(frozen=True, eq=False)
class Layout:
    """
    An on-disk form of a product, with the values that a reader must find in it.

    A row of a vector table with N_ALONGDISP = 0 contains no spectrum and does not count.
    """

    key: str
    file_name: str
    product_type: str
    # EXTRACT1D / COMBINE1D HDUs or rows; s2d rows across the slit(s); s3d spaxels.
    spectra: int
    # Correct unit of FLUX / SCI, even if the header contains a wrong one.
    flux_unit: str
    # In um: of all spectra in order (1-D products), along the dispersion of each slit in order
    # (s2d), or of each plane (s3d).
    wavelength: Array
    write: Write


@dataclass(frozen=True, eq=False)
class Broken:
    """A file that must be refused, and words that the reason must contain."""

    key: str
    file_name: str
    reason: str
    write: Write


@dataclass(frozen=True)
class Mode:
    """Observing mode of the data, and the release of the pipeline that made them."""

    instrument: str
    exp_type: str
    cal_ver: str
    optics: Mapping[str, str] = field(default_factory=dict)
    photom: str = "COMPLETE"

    def cards(self) -> Iterator[tuple[str, str, object]]:
        """Yield (FITS keyword, attribute of a data model's meta, value)."""
        yield "TELESCOP", "telescope", "JWST"
        yield "INSTRUME", "instrument.name", self.instrument
        yield "EXP_TYPE", "exposure.type", self.exp_type
        yield "CAL_VER", "calibration_software_version", self.cal_ver
        yield "S_PHOTOM", "cal_step.photom", self.photom
        for name, value in self.optics.items():
            yield name.upper(), f"instrument.{name}", value
        yield from _OBSERVATION


_OBSERVATION: tuple[tuple[str, str, object], ...] = (
    ("PROGRAM", "observation.program_number", "01234"),
    ("OBSERVTN", "observation.observation_number", "001"),
    ("DATE-OBS", "observation.date", "2023-07-05"),
    ("TITLE", "program.title", "Synthetic spectra of every layout"),
    ("PI_NAME", "program.pi_name", "Noether, Emmy"),
    ("CATEGORY", "program.category", "GO"),
    ("TARGNAME", "target.catalog_name", "TEST-TARGET"),
    ("TARGPROP", "target.proposer_name", "TEST-PROPOSED"),
    ("TARG_RA", "target.ra", TARGET_RA),
    ("TARG_DEC", "target.dec", TARGET_DEC),
    ("EXPSTART", "exposure.start_time", 60130.25),
    ("EXPEND", "exposure.end_time", 60130.5),
    ("EFFEXPTM", "exposure.exposure_time", 1000.5),
    ("CRDS_CTX", "ref_file.crds.context_used", "jwst_1234.pmap"),
)


def datamodels() -> Any:
    """Import the pipeline's data models late, because this takes more than a second."""
    return importlib.import_module("stdatamodels.jwst.datamodels")


def new_model(name: str, mode: Mode, **arrays: object) -> Any:
    """Return a data model with the keywords of a mode."""
    model = getattr(datamodels(), name)(**arrays)
    assign(model.meta, {attribute: value for _, attribute, value in mode.cards()})
    return model


def assign(node: Any, values: Mapping[str, object]) -> None:
    """Set attributes by their dotted paths."""
    for dotted, value in values.items():
        *parents, last = dotted.split(".")
        owner = node
        for parent in parents:
            owner = getattr(owner, parent)
        setattr(owner, last, value)


def primary_hdu(mode: Mode, **changes: object) -> fits.PrimaryHDU:
    """Return the primary HDU of a file that the data models cannot write."""
    hdu = fits.PrimaryHDU()
    hdu.header.update({keyword: value for keyword, _, value in mode.cards()})
    hdu.header.update(changes)
    return hdu


def insert_hdus(path: Path, hdus: Sequence[Any], index: int = -1) -> None:
    """Insert HDUs into a saved file, by default before the last one, ASDF."""
    with fits.open(path, mode="update") as hdul:
        at = index % len(hdul)
        for offset, hdu in enumerate(hdus):
            hdul.insert(at + offset, hdu)


def header_table() -> fits.BinTableHDU:
    """Return a HDRTAB, which has one row per input exposure."""
    names = fits.Column("FILENAME", "20A", array=["first_cal.fits", "second_cal.fits"])
    times = fits.Column("EFFEXPTM", "D", array=[500.0, 500.5])
    return fits.BinTableHDU.from_columns([names, times], name="HDRTAB")


@dataclass(frozen=True)
class Gzipped:
    """Write a product and compress it."""

    plain: Write

    def __call__(self, path: Path) -> None:
        bare = path.with_suffix("")
        self.plain(bare)
        path.write_bytes(gzip.compress(bare.read_bytes(), mtime=0))
        bare.unlink()


def grid(start: float, stop: float, n: int) -> Array:
    """Return wavelengths with unequal steps, to detect a reader that assumes equal ones."""
    return np.geomspace(start, stop, n)


def ramp(column: int, number: int, n: int) -> Array:
    """Return n numbers that occur in no other column or spectrum of a file."""
    return column + 1 + number / 20 + np.arange(n) / 2000


def block(shape: tuple[int, ...], kind: int) -> npt.NDArray[np.float32]:
    """Return pixels that all differ, also from those of every other kind."""
    numbers = np.arange(np.prod(shape)) + 1 + 10_000 * kind
    return numbers.reshape(shape).astype("f4")
