"""A simulated observation: target, time, instrument and exposures."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

_MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
_DAY_S = 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """An observation, as described by the headers and file names of its products."""

    program: str
    number: str
    tag: str
    """Target or source in the file name, such as `t001` or `s000000101`."""
    elements: str
    """Optical elements in the file name, such as `prism-clear`."""
    instrument: str
    exp_type: str
    optics: Mapping[str, str]
    """Instrument keywords of the mode (DETECTOR, FILTER, PUPIL, CHANNEL, BAND ...)."""
    target: str
    """TARGNAME: empty for NIRSpec MOS, where only `proposed` names the field."""
    proposed: str
    title: str
    ra: float
    dec: float
    start: datetime
    exposures: int
    exposure_s: float
    """Effective exposure time of one exposure."""
    integrations: int = 1
    cal_ver: str = "3.0.0"
    subarray: str = "FULL"

    @property
    def visit(self) -> str:
        """The visit identifier."""
        return f"{self.program}{self.number}001"

    @property
    def total_s(self) -> float:
        """Effective exposure time of all exposures, s."""
        return self.exposures * self.exposure_s

    @property
    def end(self) -> datetime:
        """End of the last exposure, including an overhead of 10 %."""
        return self.start + timedelta(seconds=1.1 * self.total_s)

    def file_name(self, product: str) -> str:
        """Return the file name of a level-3 product of this observation."""
        root = f"jw{self.program}-o{self.number}_{self.tag}_{self.instrument.lower()}"
        return f"{root}_{self.elements}_{product}.fits"

    def since(self, release: str) -> bool:
        """Return whether the products are from this release of the pipeline or a later one."""
        return _numbers(self.cal_ver) >= _numbers(release)

    def generator(self) -> np.random.Generator:
        """Return the random generator of this observation, which depends only on its name."""
        return np.random.default_rng(zlib.crc32(self.file_name("").encode()))


def mjd(moment: datetime) -> float:
    """Return a UTC moment as modified Julian date."""
    return (moment - _MJD_ZERO).total_seconds() / _DAY_S


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))
