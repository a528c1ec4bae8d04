"""All pixels of a lake's products, read with astropy: the oracle of pixel searches."""

from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectraldb.service.service import Service
from tests.support import oracle

Column = NDArray[Any]
Row = dict[str, Any]

NUMBERS = ("wavelength", "flux", "fluxErr", "surfBright", "dq", "x", "y", "z", "spectrum", "derSnr")
PRODUCT_COLUMNS = ("fileName", "instrument", "targetName", "productType", "uri", "fluxUnit")


@cache
def pixels_of(path: Path) -> dict[str, Column]:
    """Return every pixel of a file that has a value, in the order of results."""
    columns: dict[str, list[Column]] = {}
    for spectrum in oracle.spectra(path):
        pixels = spectrum.pixels
        has_value = np.isfinite(pixels["flux"])
        per_spectrum = {"spectrum": spectrum.number, "derSnr": _der_snr(spectrum)}
        for name in (*NUMBERS, "good"):
            absent = np.full(len(has_value), per_spectrum.get(name, np.nan), "f8")
            columns.setdefault(name, []).append(np.asarray(pixels.get(name, absent))[has_value])
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def _der_snr(spectrum: oracle.Spectrum) -> float:
    pixels = spectrum.pixels
    if "z" in pixels:
        return np.nan  # slow for a cube, and no test compares it
    extended = spectrum.source_type == "EXTENDED" and "surfBright" in pixels
    bright = pixels["surfBright"] if extended else np.zeros(1)
    # Several modes write zeros if they have no surface brightness.
    has_brightness = np.any(np.nan_to_num(bright) != 0)
    return oracle.der_snr(bright if has_brightness else pixels["flux"], pixels["good"])


class PixelScan:
    """The pixels of all products of the given types, product by product.

    Parameters
    ----------
    service
        The lake, which determines the files of the products and their order.
    product_types
        Types of the products.
    """

    def __init__(self, service: Service, product_types: Collection[str]) -> None:
        records = [
            record for record in service.products() if record["productType"] in product_types
        ]
        parts = [pixels_of(Path(str(record["location"]))) for record in records]
        lengths = [len(part["flux"]) for part in parts]
        self.columns = {n: np.concatenate([part[n] for part in parts]) for n in parts[0]}
        for name in PRODUCT_COLUMNS:
            values = np.array([record[name] for record in records], object)
            self.columns[name] = np.repeat(values, lengths)

    def __len__(self) -> int:
        return len(self.columns["flux"])

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def rows(self, mask: Column, names: Iterable[str]) -> list[Row]:
        """Return columns of the pixels that a mask or an index selects, as JSON values."""
        names = list(names)
        columns = [[_json(value) for value in self.columns[name][mask]] for name in names]
        return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _json(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
