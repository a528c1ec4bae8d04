"""Combined spectra (c1d) with one row per wavelength."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.support.layouts import tables
from tests.support.layouts.common import Array, Layout, Mode, grid, new_model
from tests.support.layouts.tables import MJY, Style, spectrum

_MODE = Mode("NIRISS", "NIS_SOSS", "1.20.2", {"filter": "CLEAR", "pupil": "GR700XD"})


@dataclass(frozen=True)
class Combined:
    """A file with one COMBINE1D HDU per spectral order."""

    orders: tuple[Array, ...]

    def __call__(self, path: Path) -> None:
        model = new_model("MultiCombinedSpecModel", _MODE)
        style = Style(MJY, zero=tables.ZERO_BRIGHTNESS)
        for number, wavelength in enumerate(self.orders):
            header = {"spectral_order": number + 1, "source_type": "POINT"}
            item = spectrum("CombinedSpecModel", wavelength, number, style, header)
            # Flags are merged from all inputs. The highest bit reveals a reader of signed integers.
            item.spec_table["DQ"][0] = 2**31
            model.spec.append(item)
        model.save(path)


_ORDERS = (grid(0.85, 2.8, 20), grid(0.6, 1.4, 18))

LAYOUTS = (
    Layout(
        "c1d-scalar",
        "jw01234-o006_t001_niriss_clear-gr700xd-substrip256_c1d.fits",
        "c1d",
        len(_ORDERS),
        "MJy",
        np.concatenate(_ORDERS),
        Combined(_ORDERS),
    ),
)
