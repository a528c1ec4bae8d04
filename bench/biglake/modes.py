"""The kinds of spectra of a large lake, with the wavelength ranges of JWST's modes."""

from dataclasses import dataclass

from spectraldb.fits.header import Value


@dataclass(frozen=True)
class Mode:
    """A mode of an instrument: its range in micron and its number of pixels."""

    name: str
    """Part of the file name for the instrument and its optical elements."""
    low: float
    high: float
    pixels: int
    keywords: dict[str, Value]


def _nirspec(optics: str, grating: str, low: float, high: float, pixels: int) -> Mode:
    keywords: dict[str, Value] = {
        "INSTRUME": "NIRSPEC",
        "EXP_TYPE": "NRS_FIXEDSLIT",
        "FILTER": optics.upper(),
        "GRATING": grating.upper(),
    }
    return Mode(f"nirspec_{optics}-{grating}-s200a1", low, high, pixels, keywords)


def _miri(channel: str, band: str, low: float, high: float, pixels: int) -> Mode:
    keywords: dict[str, Value] = {
        "INSTRUME": "MIRI",
        "EXP_TYPE": "MIR_MRS",
        "CHANNEL": channel,
        "BAND": band.upper(),
    }
    return Mode(f"miri_ch{channel}-{band}", low, high, pixels, keywords)


X1D_MODES = (
    _nirspec("clear", "prism", 0.6, 5.3, 940),
    _nirspec("f100lp", "g140m", 1.0, 1.8, 1350),
    _nirspec("f170lp", "g235m", 1.7, 3.1, 1350),
    _nirspec("f290lp", "g395m", 2.9, 5.2, 1350),
    Mode(
        "niriss_gr150r-f150w",
        0.8,
        2.8,
        950,
        {"INSTRUME": "NIRISS", "EXP_TYPE": "NIS_WFSS", "FILTER": "GR150R", "PUPIL": "F150W"},
    ),
    _miri("1", "shortmediumlong", 4.9, 7.7, 1300),
    _miri("34", "shortmediumlong", 11.5, 28.0, 1300),
)

X1D_PIXELS = sum(mode.pixels for mode in X1D_MODES) / len(X1D_MODES)
"""Average number of pixels of an extracted spectrum: 1,220."""

S3D_MODES = (
    _miri("1", "short", 4.90, 5.74, 1050),
    _miri("1", "long", 6.53, 7.65, 1120),
    _miri("2", "short", 7.51, 8.77, 1000),
    _miri("2", "long", 10.02, 11.70, 1100),
    _miri("3", "short", 11.55, 13.47, 1020),
    _miri("4", "short", 17.70, 20.95, 1010),
)
