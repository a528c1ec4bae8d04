"""Rest wavelengths (vacuum, um) and relative strengths of spectral lines and features."""

from collections.abc import Mapping

from spectraldb.lines import hydrogen, rest

_NAMES = {
    "[O II]a": "[O II] 3727",
    "[O II]b": "[O II] 3730",
    "[Ne III]": "[Ne III] 3870",
    "[O III]a": "[O III] 4960",
    "[O III]b": "[O III] 5008",
    "[N II]a": "[N II] 6550",
    "[N II]b": "[N II] 6585",
    "[S II]a": "[S II] 6718",
    "[S II]b": "[S II] 6733",
    "[S III]a": "[S III] 9071",
    "[S III]b": "[S III] 9533",
    "He I": "He I 1.083",
    "H2 S(8)": "H2 S(8)",
    "[Fe II]": "[Fe II] 5.34",
    "[Ar III]": "[Ar III] 8.99",
    "H2 S(3)": "H2 S(3)",
    "[S IV]": "[S IV] 10.51",
    "[Ne II]": "[Ne II] 12.81",
    "[Ne V]": "[Ne V] 14.32",
}
REST = {name: rest(known) for name, known in _NAMES.items()}
"""Forbidden and helium lines, and lines of molecular hydrogen."""

PAH = {
    5.27: (0.034, 0.12),
    7.42: (0.126, 0.6),
    7.60: (0.044, 1.0),
    7.85: (0.053, 1.0),
    8.33: (0.050, 0.25),
    8.61: (0.039, 0.8),
    10.68: (0.020, 0.08),
    11.23: (0.012, 0.9),
    11.33: (0.032, 0.9),
    11.99: (0.045, 0.3),
    12.62: (0.042, 0.5),
    13.48: (0.040, 0.2),
    14.19: (0.025, 0.1),
}
"""Central wavelength (um) of a dust feature to its fractional width (both Smith et al. 2007,
ApJ 656, 770, table 3) and its relative peak (chosen here)."""


_CASE_B = {
    (2, 6): 0.259,
    (2, 5): 0.468,
    (2, 4): 1.0,
    (2, 3): 2.86,
    (3, 7): 0.0365,
    (3, 6): 0.0904,
    (3, 5): 0.163,
    (3, 4): 0.339,
    (4, 7): 0.0278,
    (4, 6): 0.0447,
    (4, 5): 0.0802,
}
_NEBULAR = {
    "[O II]a": 1.2,
    "[O II]b": 1.5,
    "[Ne III]": 0.3,
    "[O III]a": 1.2,
    "[O III]b": 3.6,
    "[N II]a": 0.12,
    "[N II]b": 0.36,
    "[S II]a": 0.3,
    "[S II]b": 0.25,
    "[S III]a": 0.2,
    "[S III]b": 0.5,
    "He I": 0.6,
}


def star_forming(h_beta: float) -> Mapping[float, float]:
    """Return the lines of an H II region.

    Parameters
    ----------
    h_beta : float
        Flux of H beta in any unit.

    Returns
    -------
    mapping of float to float
        Rest wavelength (um) to flux. Hydrogen: case B at 10 000 K (Osterbrock & Ferland 2006,
        table 4.4); the other ratios are those of a young galaxy of low metallicity, rounded.
    """
    hydrogens = {hydrogen(*levels): ratio * h_beta for levels, ratio in _CASE_B.items()}
    return hydrogens | {REST[name]: ratio * h_beta for name, ratio in _NEBULAR.items()}
