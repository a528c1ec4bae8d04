"""Searches by date and by the name of a target, and hints in empty results."""

import operator
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.time import Time

from spectraldb.service.service import Service
from tests.support.small_files import write_x1d

DATES = ["2022-07-04T01:22:51.432", "2023-02-01T00:00:00.000", "2023-02-01T23:59:59.999"]
DATES += ["2023-02-02T00:00:00.000", "2024-01-01T12:00:00.000"]
NAMES = ["NGC 7469", "NGC-7469", "ngc_7469", "NGC7469", "NGC 7468"]


@pytest.fixture
def dated(lake: Service, tmp_path: Path) -> Service:
    columns = {"WAVELENGTH": np.linspace(1, 2, 4), "FLUX": np.ones(4)}
    for i, (date, name) in enumerate(zip(DATES, NAMES, strict=True)):
        primary = {"DATE-BEG": date, "EXPSTART": Time(date).mjd, "TARGNAME": name}
        lake.ingest([write_x1d(tmp_path / f"{i}_x1d.fits", columns, primary=primary)])
    return lake


def found(lake: Service, name: str, text: str) -> list[int]:
    rows = lake.search_products([(name, text)]).rows.to_pylist()
    names = [int(row["fileName"][0]) for row in rows]
    pixels = lake.search([(name, text), ("limit", "100")]).rows["fileName"].to_pylist()
    assert sorted({int(each[0]) for each in pixels}) == sorted(names)
    return sorted(names)


DAY = ("2023-02-01", "2023-02-02")
CASES: list[tuple[str, str, Callable[[str], bool]]] = [
    ("", "2023-02-01", lambda d: DAY[0] <= d < DAY[1]),
    (".ne", "2023-02-01", lambda d: not DAY[0] <= d < DAY[1]),
    (".gte", "2023-02-01", lambda d: d >= DAY[0]),
    (".gt", "2023-02-01", lambda d: d >= DAY[1]),
    (".lt", "2023-02-01", lambda d: d < DAY[0]),
    (".lte", "2023-02-01", lambda d: d < DAY[1]),
    ("", "2023-02-01,2023-02-02", lambda d: DAY[0] <= d < "2023-02-03"),
    (".in", "2022-07-04,2024", lambda d: d[:10] == "2022-07-04" or d[:4] == "2024"),
    ("", "2023-02", lambda d: d[:7] == "2023-02"),
    (".gte", "2023-02-01T12:00", lambda d: d >= "2023-02-01T12:00"),
]


@pytest.mark.parametrize("column", ["dateObs", "expStart"])
@pytest.mark.parametrize(("key", "text", "matches"), CASES)
def test_dates(
    dated: Service, column: str, key: str, text: str, matches: Callable[[str], bool]
) -> None:
    expected = [i for i, date in enumerate(DATES) if matches(date)]
    assert found(dated, f"{column}{key}", text) == expected


@pytest.mark.parametrize("text", ["NGC 7469", "ngc7469", "NGC-7469", "Ngc_7469"])
@pytest.mark.parametrize("optimized", [False, True])
def test_names_of_targets(dated: Service, text: str, optimized: bool) -> None:
    if optimized:
        dated.optimize()
    assert found(dated, "targetName", text) == [0, 1, 2, 3]
    assert found(dated, "targetName.in", f"{text},NGC 7468") == [0, 1, 2, 3, 4]
    assert found(dated, "targetName.ne", text) == [4]
    assert found(dated, "targetName.like", "NGC 7*") == [0, 1, 2, 3, 4]


def test_hints_in_empty_results(dated: Service) -> None:
    page = dated.search([("wavelength", "1.2")])
    assert page.message == (
        "Found 0 pixels. wavelength=1.2 matches only this exact value. To search a range, write "
        "wavelength=1.2,1.3."
    )
    assert "exact value" in dated.count([("flux", "3")]).message
    for search in (dated.search, dated.search_products):
        page = search([("ra", "10"), ("dec", "9")])
        assert page.message.endswith("&radius=5arcsec.")
    assert dated.search([("wavelength", "2")]).message == "Found 5 pixels."
    assert operator.contains(dated.search([("wavelength.gt", "9")]).message, "Found 0 pixels.")
