"""Slitless x1d and c1d since 1.19.0: all sources in one file, one row per source."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.support.layouts.common import S_REGION, Array, Layout, Mode, grid, new_model
from tests.support.layouts.tables import Style, vectors

MODE = Mode("NIRISS", "NIS_WFSS", "3.0.0", {"filter": "GR150C", "pupil": "F115W"})
_NOTHING: Array = np.zeros(0)


@dataclass(frozen=True)
class Exposures:
    """An x1d with one EXTRACT1D HDU per exposure; every HDU lists every source."""

    source_ids: tuple[int, ...]
    exposures: tuple[tuple[Array, ...], ...]

    @property
    def spectra(self) -> list[Array]:
        return [row for rows in self.exposures for row in rows if len(row)]

    def __call__(self, path: Path) -> None:
        model = new_model("WFSSMultiSpecModel", MODE)
        for number, rows in enumerate(self.exposures):
            scalars = {**_sources(self.source_ids, rows), **_cutouts(self.source_ids)}
            header, first = _header(number), number * len(rows)
            model.spec.append(vectors("WFSSSpecModel", rows, scalars, Style(), header, first))
        model.save(path)


@dataclass(frozen=True)
class Combined:
    """A c1d with one COMBINE1D HDU per spectral order."""

    source_ids: tuple[int, ...]
    orders: tuple[tuple[Array, ...], ...]

    @property
    def spectra(self) -> list[Array]:
        return [row for rows in self.orders for row in rows if len(row)]

    def __call__(self, path: Path) -> None:
        model = new_model("WFSSMultiCombinedSpecModel", MODE)
        for number, rows in enumerate(self.orders):
            scalars = _sources(self.source_ids, rows)
            header, first = {"spectral_order": number + 1}, number * len(rows)
            item = vectors("WFSSCombinedSpecModel", rows, scalars, Style(), header, first)
            model.spec.append(item)
        model.save(path)


def _header(number: int) -> dict[str, object]:
    name = f"jw01234002001_02101_0000{number + 1}_nis"
    header: dict[str, object] = {
        # The name of the input, which must not be mistaken for that of the file.
        "filename": f"{name}_cal.fits",
        "group_id": name,
        "spectral_order": number + 1,
        "dispersion_direction": 1,
        "exposure_time": 500.0 + number,
    }
    # The pipeline writes the region into the first HDU only.
    return {**header, "s_region": S_REGION} if number == 0 else header


def _sources(source_ids: Sequence[int], rows: Sequence[Array]) -> dict[str, list[object]]:
    # A source that is absent from an exposure has only its row and its identifier.
    pairs = [(i, len(row) > 0) for i, row in zip(source_ids, rows, strict=True)]
    return {
        "SOURCE_ID": [i for i, _ in pairs],
        "SOURCE_TYPE": ["EXTENDED" if present else "" for _, present in pairs],
        "SOURCE_RA": [10 + i / 1000 if present else np.nan for i, present in pairs],
        "SOURCE_DEC": [-20 - i / 1000 if present else np.nan for i, present in pairs],
    }


def _cutouts(source_ids: Sequence[int]) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {}
    for offset, corner in enumerate(("XSTART", "YSTART", "XSTOP", "YSTOP")):
        columns[f"EXTRACT2D_{corner}"] = [100 * i + offset for i in source_ids]
    for offset, axis in enumerate("XY"):
        columns[f"SOURCE_{axis}POS"] = [100.5 * i + offset for i in source_ids]
    return columns


def _layout(key: str, product_type: str, write: Exposures | Combined) -> Layout:
    name = f"jw01234-o002_t001_niriss_f115w-gr150c_{product_type}.fits"
    spectra = write.spectra
    wavelength = np.concatenate(spectra)
    return Layout(key, name, product_type, len(spectra), "Jy", wavelength, write)


LAYOUTS = (
    _layout(
        "x1d-wfss-vector",
        "x1d",
        Exposures(
            (5, 7, 9),
            (
                (grid(1.0, 1.3, 16), grid(1.01, 1.28, 11), _NOTHING),
                (_NOTHING, grid(1.02, 1.29, 12), grid(1.03, 1.27, 10)),
            ),
        ),
    ),
    _layout(
        "c1d-wfss-vector",
        "c1d",
        Combined(
            (5, 7, 9),
            (
                (grid(1.0, 1.3, 16), grid(1.01, 1.28, 11), grid(1.03, 1.27, 12)),
                (grid(1.04, 1.31, 9), _NOTHING, grid(1.05, 1.29, 10)),
            ),
        ),
    ),
)
