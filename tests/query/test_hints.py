"""Tests of the hints at what a search that finds nothing was meant to be, and of names."""

from pathlib import Path

import numpy as np
import pytest

from spectraldb.cli.console import OutputFormat
from spectraldb.cli.tables import print_search
from spectraldb.client import SpectralDB
from spectraldb.query.hints import empty_hint
from spectraldb.query.parse import parse_pixels
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.small_files import write_x1d

COLUMNS = {"WAVELENGTH": np.linspace(1.05, 2, 7), "FLUX": np.arange(7.0)}


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ([("wavelength", "1.2")], "wavelength=1.2,1.3"),
        ([("wavelength.eq", "12000 Angstrom")], "wavelength=1.2,1.3"),
        ([("flux", "3 mJy")], "flux=3,3.1 mJy"),
        ([("derSnr", "-20")], "derSnr=-20,-19"),
        ([("ra", "10"), ("dec", "9")], "ra=10.0&dec=9.0&radius=5arcsec"),
        ([("ra", "10")], "ra=10,11"),
    ],
)
def test_hints(query: list[tuple[str, str]], suggestion: str) -> None:
    hint = empty_hint(parse_pixels(query, Settings()))
    assert hint.endswith(f" {suggestion}.")


@pytest.mark.parametrize(
    "query",
    [
        [("wavelength", "1.2,1.3")],
        [("x", "5")],
        [("flux", "0")],
        [("targetName", "M 1")],
        [("expStart", "2023-02-01")],
        [("ra", "10"), ("dec", "9"), ("radius", "1")],
        [("ra", "10,11"), ("dec", "9,10")],
    ],
)
def test_no_hint(query: list[tuple[str, str]]) -> None:
    assert empty_hint(parse_pixels(query, Settings())) == ""


def test_only_a_search_without_results_has_a_hint(lake: Service, tmp_path: Path) -> None:
    lake.ingest([write_x1d(tmp_path / "a_x1d.fits", COLUMNS)])
    assert "wavelength=1.2,1.3" in lake.search([("wavelength", "1.2")]).message
    assert "wavelength=1.2,1.3" in lake.count([("wavelength", "1.2")]).message
    assert "radius=5arcsec" in lake.search_products([("ra", "10"), ("dec", "9")]).message
    assert lake.search([("flux", "3")]).message == "Found 1 pixel."


@pytest.mark.parametrize("optimized", [False, True])
def test_names_of_targets(lake: Service, tmp_path: Path, *, optimized: bool) -> None:
    names = ("NGC 7469", "NGC-7469", "ngc_7469", "NGC 74690", "M 1")
    for i, name in enumerate(names):
        primary = {"TARGNAME": name}
        lake.ingest([write_x1d(tmp_path / f"{i}_x1d.fits", COLUMNS, primary=primary)])
    if optimized:
        lake.optimize()

    def found(name: str, text: str) -> set[int]:
        pixels = lake.search([(name, text), ("pixel", "0")]).rows["fileName"].to_pylist()
        products = lake.search_products([(name, text)]).rows["fileName"].to_pylist()
        assert pixels == products
        return {int(each[0]) for each in products}

    for text in ("ngc7469", "NGC 7469", "Ngc-7469", "n_g_c7469"):
        assert found("targetName", text) == {0, 1, 2}
        assert found("targetName.ne", text) == {3, 4}
    assert found("targetName.in", "m1,ngc 74690") == {3, 4}
    assert found("targetName.like", "ngc-7469*") == {0, 1, 2, 3}
    assert found("targetName.like", "*7469") == {0, 1, 2}
    assert found("fileName", "0-x1d.fits") == set()  # not a name
    assert found("targetName", "NGC7469") == {0, 1, 2}
    assert (
        lake.search([("targetName", "m1"), ("columns", "targetName")]).rows["targetName"][0].as_py()
        == "M 1"
    )


def test_hints_in_the_client(lake: Service, tmp_path: Path) -> None:
    lake.ingest([write_x1d(tmp_path / "a_x1d.fits", COLUMNS)])
    with SpectralDB(str(tmp_path / "lake")) as db:
        assert db.search(wavelength=1.2).message.endswith("wavelength=1.2,1.3.")
        assert db.search(flux=3).message == "Found 1 pixel."


def test_hints_on_the_command_line(
    lake: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake.ingest([write_x1d(tmp_path / "a_x1d.fits", COLUMNS)])
    for form in (OutputFormat.CSV, OutputFormat.TABLE):
        print_search(lake.search([("wavelength", "1.2")]), form)
        printed = capsys.readouterr()
        assert "wavelength=1.2,1.3" in (printed.err if form is OutputFormat.CSV else printed.out)


def test_flags_on_the_command_line(
    lake: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dq = np.full(7, 513, "u4")
    lake.ingest([write_x1d(tmp_path / "a_x1d.fits", COLUMNS | {"DQ": dq})])
    answer = lake.search([("columns", "quality"), ("limit", "1")])
    print_search(answer, OutputFormat.TABLE)
    assert "NON_SCIENCE" in capsys.readouterr().out
    print_search(answer, OutputFormat.CSV)
    assert capsys.readouterr().out.rstrip().endswith(",513")
