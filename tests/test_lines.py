"""Spectral lines are unique, and have a source and their laboratory wavelength."""

import pytest

from spectraldb.lines import hydrogen, lines, rest


def test_every_line_has_a_name_and_a_source() -> None:
    found = list(lines())
    names = [line.name for line in found]
    assert len(set(names)) == len(names) > 50
    assert all(line.source and line.group and 0.3 < line.wavelength < 30 for line in found)


# Balmer alpha and beta, Paschen alpha, Brackett gamma and alpha, in vacuum.
@pytest.mark.parametrize(
    ("lower", "upper", "wavelength"),
    [(2, 3, 0.6565), (2, 4, 0.4863), (3, 4, 1.8756), (4, 7, 2.1661), (4, 5, 4.0523)],
)
def test_hydrogen(lower: int, upper: int, wavelength: float) -> None:
    assert hydrogen(lower, upper) == pytest.approx(wavelength, abs=6e-5)
    (line,) = (line for line in lines() if line.wavelength == hydrogen(lower, upper))
    assert rest(line.name) == line.wavelength
    assert line.group == "hydrogen"
