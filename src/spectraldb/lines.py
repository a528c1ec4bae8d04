"""Spectral lines and features: rest wavelengths in vacuum, each with its source."""

from collections.abc import Iterator
from dataclasses import dataclass

RYDBERG_HYDROGEN = 10.96775834
"""Rydberg constant of hydrogen, per um (CODATA 2018 R-infinity with the reduced mass)."""

ATOMIC = "Atomic Line List (van Hoof 2018, Galaxies 6, 63)"
MOLECULAR = "Roueff et al. 2019, A&A 630, A58"
DUST = "Smith et al. 2007, ApJ 656, 770"
ICE = "Boogert et al. 2015, ARA&A 53, 541"
RYDBERG = "Rydberg formula with the reduced mass, without fine structure"


@dataclass(frozen=True)
class Line:
    """A spectral line, or the centre of a broad feature."""

    name: str
    wavelength: float
    """Rest wavelength in vacuum, in micron."""
    group: str
    source: str


def hydrogen(lower: int, upper: int) -> float:
    """Return the wavelength (vacuum, um) of a hydrogen line, by the Rydberg formula."""
    return 1 / (RYDBERG_HYDROGEN * (lower**-2 - upper**-2))


_SERIES = {2: "H", 3: "Pa", 4: "Br", 5: "Pf", 6: "Hu"}
_LETTERS = "αβγδε"

_ATOMIC = {
    "[O II] 3727": 0.372709,
    "[O II] 3730": 0.372988,
    "[Ne III] 3870": 0.386986,
    "[O III] 4960": 0.496030,
    "[O III] 5008": 0.500824,
    "[N II] 6550": 0.654986,
    "[N II] 6585": 0.658527,
    "[S II] 6718": 0.671829,
    "[S II] 6733": 0.673267,
    "[S III] 9071": 0.907110,
    "[S III] 9533": 0.953320,
    "He I 1.083": 1.083331,
    "[Fe II] 5.34": 5.340169,
    "[Ar II] 6.99": 6.985274,
    "[Ar III] 8.99": 8.99138,
    "[S IV] 10.51": 10.5105,
    "[Ne II] 12.81": 12.81355,
    "[Ne V] 14.32": 14.32168,
    "[Ne III] 15.56": 15.5551,
    "[S III] 18.71": 18.7130,
    "[O IV] 25.89": 25.8903,
}
_MOLECULAR = {
    "H2 1-0 S(1)": 2.12183,
    "H2 S(8)": 5.05312,
    "H2 S(7)": 5.51116,
    "H2 S(6)": 6.10856,
    "H2 S(5)": 6.90952,
    "H2 S(4)": 8.02505,
    "H2 S(3)": 9.66491,
    "H2 S(2)": 12.2786,
    "H2 S(1)": 17.0348,
    "H2 S(0)": 28.2188,
}
_DUST = {
    "PAH 6.22": 6.22,
    "PAH 7.60": 7.60,
    "PAH 8.61": 8.61,
    "PAH 11.33": 11.33,
    "PAH 12.62": 12.62,
}
_ICE = {"H2O ice": 3.05, "CO2 ice": 4.27, "CO ice": 4.67}


def lines() -> Iterator[Line]:
    """Yield all lines, group by group."""
    for lower, series in _SERIES.items():
        for step, letter in enumerate(_LETTERS, 1):
            name = f"{series}{letter}"
            yield Line(name, hydrogen(lower, lower + step), "hydrogen", RYDBERG)
    tables = {
        "atoms and ions": (_ATOMIC, ATOMIC),
        "molecular hydrogen": (_MOLECULAR, MOLECULAR),
        "PAH": (_DUST, DUST),
        "ice": (_ICE, ICE),
    }
    for group, (table, source) in tables.items():
        for name, wavelength in table.items():
            yield Line(name, wavelength, group, source)


def rest(name: str) -> float:
    """Return the rest wavelength of a line in micron."""
    return next(line.wavelength for line in lines() if line.name == name)
