"""Spectra of time series (x1dints), with one HDU or one row per integration."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from tests.support.layouts import tables
from tests.support.layouts.common import (
    Array,
    Layout,
    Mode,
    grid,
    header_table,
    insert_hdus,
    new_model,
)
from tests.support.layouts.tables import MJY, Style, spectrum, vectors

_PRISM = {"filter": "CLEAR", "grating": "PRISM"}
_START = 60130.25  # MJD of the first integration
_STEP = 1 / 1024


@dataclass(frozen=True)
class Hdus:
    """The layout before 1.19.0: one HDU per integration, and a table of their times."""

    spectra: tuple[Array, ...]

    def __call__(self, path: Path) -> None:
        model = new_model("MultiSpecModel", Mode("NIRSPEC", "NRS_BRIGHTOBJ", "1.18.0", _PRISM))
        for number, wavelength in enumerate(self.spectra):
            header = {"int_num": number + 1, "source_type": "POINT", "name": "S1600A1"}
            model.spec.append(spectrum("SpecModel", wavelength, number, Style(), header))
        model.int_times = self._times(model.get_dtype("int_times"))
        model.save(path)

    def _times(self, dtype: Any) -> Any:
        times = np.zeros(len(self.spectra), dtype=dtype)
        number, *instants = dtype.names
        times[number] = np.arange(len(times)) + 1
        for offset, name in enumerate(instants):
            times[name] = _START + np.arange(len(times)) * _STEP + offset * _STEP / 8
        return times


@dataclass(frozen=True)
class Segment:
    """One HDU of the newer layout: consecutive integrations of one spectral order."""

    number: int
    order: int
    first_integration: int
    rows: tuple[Array, ...]

    def columns(self) -> dict[str, list[Any]]:
        count = range(self.first_integration, self.first_integration + len(self.rows))
        columns: dict[str, list[Any]] = {"INT_NUM": list(count)}
        columns["SEGMENT"] = [self.number] * len(self.rows)
        instants = ("MJD-BEG", "MJD-AVG", "MJD-END", "TDB-BEG", "TDB-MID", "TDB-END")
        for offset, name in enumerate(instants):
            columns[name] = [_START + (i - 1) * _STEP + offset * _STEP / 8 for i in count]
        return columns


@dataclass(frozen=True)
class Vectors:
    """The layout since 1.19.0: one HDU per segment and order, one row per integration."""

    mode: Mode
    segments: tuple[Segment, ...]
    style: Style = field(default_factory=Style)
    # Release 3.0.0 removed the empty SCI HDU of SOSS, and added HDRTAB.
    empty_sci: bool = False

    @property
    def spectra(self) -> list[Array]:
        return [row for segment in self.segments for row in segment.rows]

    def __call__(self, path: Path) -> None:
        model, first = new_model("TSOMultiSpecModel", self.mode), 0
        for segment in self.segments:
            header = {"spectral_order": segment.order, "source_type": "POINT"}
            rows, columns = segment.rows, segment.columns()
            item = vectors("TSOSpecModel", rows, columns, self.style, header, first)
            model.spec.append(item)
            first += len(rows)
        model.save(path)
        if self.empty_sci:
            insert_hdus(path, [fits.ImageHDU(name="SCI")], 1)
        else:
            insert_hdus(path, [header_table()])


def _layout(key: str, stem: str, write: Hdus | Vectors, unit: str = "Jy") -> Layout:
    name, spectra = f"{stem}_x1dints.fits", write.spectra
    return Layout(key, name, "x1dints", len(spectra), unit, np.concatenate(spectra), write)


def _rows(start: float, stop: float, lengths: tuple[int, ...]) -> tuple[Array, ...]:
    return tuple(grid(start + 0.001 * i, stop - 0.001 * i, n) for i, n in enumerate(lengths))


_SEGMENTS = Vectors(
    Mode("NIRSPEC", "NRS_BRIGHTOBJ", "3.0.0", _PRISM),
    (
        Segment(1, 0, 1, _rows(0.6, 5.3, (16, 16, 12))),
        Segment(2, 0, 4, _rows(0.61, 5.29, (14, 11))),
    ),
)
_ORDERS = Vectors(
    Mode("NIRISS", "NIS_SOSS", "2.0.0", {"filter": "CLEAR", "pupil": "GR700XD"}),
    (
        Segment(1, 1, 1, _rows(0.85, 2.8, (15, 15))),
        Segment(1, 2, 1, _rows(0.6, 1.4, (13, 12))),
    ),
    Style(MJY, zero=tables.ZERO_BRIGHTNESS),
    empty_sci=True,
)

LAYOUTS = (
    _layout(
        "x1dints-hdus",
        "jw01234-o010_t001_nirspec_clear-prism-s1600a1-sub512",
        Hdus(_rows(0.6, 5.3, (16, 16, 16))),
    ),
    _layout(
        "x1dints-vector",
        "jw01234-o011_t001_nirspec_clear-prism-s1600a1-sub512",
        _SEGMENTS,
    ),
    _layout(
        "x1dints-soss",
        "jw01234-o012_t001_niriss_clear-gr700xd-substrip256",
        _ORDERS,
        "MJy",
    ),
)
