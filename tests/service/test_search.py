"""Searches for pixels, compared with a scan of the same files with numpy."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spectraldb.query.result_columns import AGGREGATES
from spectraldb.service.service import Service
from tests.service.conftest import Files
from tests.support import oracle
from tests.support.pixel_scan import PixelScan

API = "/spectra/api/v0.1"

COLUMNS = ("wavelength", "flux", "fluxErr", "surfBright", "dq", "x", "derSnr")
OPERATORS = ("gt", "gte", "lt", "lte", "ne", "eq", "between", "in", "", "isnull")
RANGES = ("between", "in", "")

CUBES = {
    "generated": "wavelength=5,5.3&flux.gt=50",
    "real": "wavelength=20,20.5&flux.gt=5000",
}
BRIGHT = {
    "generated": "wavelength=1.2,1.3&flux.gte=10&derSnr.gt=5",
    "real": "wavelength=3.0,3.1&flux.gte=0.1&derSnr.gt=5",
}
"""The example of the documentation, with values that match pixels of each lake."""


@dataclass(frozen=True)
class Comparison:
    """A comparison of a column with quantiles of its values, which exist in any lake."""

    name: str
    operator: str
    quantiles: tuple[float, float]

    @property
    def tests_absence(self) -> bool:
        """Whether `isnull` selects pixels without a value rather than pixels with one."""
        return self.quantiles[0] < 0.5

    def numbers(self, scan: PixelScan) -> tuple[float, float]:
        """Return two values that occur in the column, so that equality matches some pixels."""
        values = scan[self.name].astype("f8")
        finite = np.sort(scan[self.name][np.isfinite(values)])
        low, high = (finite[int(q * (len(finite) - 1))].item() for q in self.quantiles)
        return low, high

    def parameter(self, scan: PixelScan) -> tuple[str, str]:
        """Return the condition as a parameter of a request."""
        low, high = self.numbers(scan)
        if self.operator == "isnull":
            return f"{self.name}.isnull", str(self.tests_absence)
        text = f"{low!r},{high!r}" if self.operator in RANGES else repr(low)
        return f"{self.name}.{self.operator}".rstrip("."), text

    def mask(self, scan: PixelScan) -> NDArray[np.bool_]:
        """Return a mask of the pixels that meet the condition."""
        values = scan[self.name].astype("f8")
        low, high = self.numbers(scan)
        masks = {
            "gt": values > low,
            "gte": values >= low,
            "lt": values < low,
            "lte": values <= low,
            "eq": values == low,
            "ne": (values != low) & ~np.isnan(values),
            "between": (values >= low) & (values <= high),
            "": (values >= low) & (values <= high),
            "in": (values == low) | (values == high),
            "isnull": np.isnan(values) == self.tests_absence,
        }
        return np.asarray(masks[self.operator])


QUANTILES = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda pair: (min(pair), max(pair)))
COMPARISONS = st.builds(Comparison, st.sampled_from(COLUMNS), st.sampled_from(OPERATORS), QUANTILES)


@pytest.mark.parametrize("types", ["x1d", "s2d", "spectra"])
@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(comparisons=st.lists(COMPARISONS, min_size=1, max_size=3), limit=st.sampled_from([7, 5000]))
def test_results_agree_with_a_scan(
    searched_api: TestClient,
    scans: dict[str, PixelScan],
    types: str,
    comparisons: list[Comparison],
    limit: int,
) -> None:
    scan = scans[types]
    # No s2d has both surface brightness and flux; few have flags.
    used = [c for c in comparisons if np.isfinite(scan[c.name].astype("f8")).any()]
    product = "x1d,s2d,c1d,x1dints" if types == "spectra" else types
    parameters: list[tuple[str, str | int | float | bool | None]] = [
        ("product", product),
        ("limit", str(limit)),
        ("columns", "uri,spectrum,good"),
        *(comparison.parameter(scan) for comparison in used),
    ]
    response = searched_api.get(f"{API}/search", params=parameters).json()
    assert response["status"] == 1, response
    mask = np.logical_and.reduce([np.ones(len(scan), bool), *(c.mask(scan) for c in used)])
    names = ["fileName", "x", "y", "wavelength", "productType"]
    names += [*(c.name for c in used), "uri", "spectrum", "good"]
    matches = np.flatnonzero(mask)
    expected = scan.rows(matches[:limit], dict.fromkeys(names))
    for row in expected:
        row["product"] = row.pop("productType")
    assert list(map(_rounded, response["results"])) == list(map(_rounded, expected))
    assert response["truncated"] is (len(matches) > limit)
    assert (response["next"] is not None) is response["truncated"]


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its derived S/N rounded; values from the file stay exact."""
    snr = row.get("derSnr")
    return row if snr is None else row | {"derSnr": float(f"{snr:.12g}")}


def test_pixels_of_cubes_agree_with_a_scan(
    searched_api: TestClient, scans: dict[str, PixelScan], files: Files
) -> None:
    scan = scans["s3d"]
    wavelength, flux = (text.split("=")[1] for text in CUBES[files].split("&"))
    low, high = map(float, wavelength.split(","))
    mask = (scan["wavelength"] >= low) & (scan["wavelength"] <= high)
    mask &= (scan["flux"] > float(flux)) & (scan["dq"] == 0) & scan["good"]
    query = f"product=s3d&{CUBES[files]}&good=true&quality=0&columns=dq,uri"
    results = searched_api.get(f"{API}/search?{query}&limit=100000").json()["results"]
    names = ["fileName", "x", "y", "z", "wavelength", "flux", "good", "dq", "uri"]
    expected = [row | {"product": "s3d", "quality": row["dq"]} for row in scan.rows(mask, names)]
    assert len(expected) > 100
    assert results == expected


def test_group_counts_the_pixels_of_each_product(
    searched_api: TestClient, scans: dict[str, PixelScan]
) -> None:
    scan = scans["x1d"]
    query = "wavelength.gte=3&flux.gt=0&instrument=nirspec&group=True&columns=targetName,uri"
    results = searched_api.get(f"{API}/search?{query}").json()["results"]
    mask = (scan["wavelength"] >= 3) & (scan["flux"] > 0) & (scan["instrument"] == "NIRSPEC")
    uris, counts = np.unique(scan["uri"][mask].astype(str), return_counts=True)
    expected = dict(zip(uris, counts.tolist(), strict=True))
    assert {row["uri"]: row["matched"] for row in results} == expected != {}
    assert set(results[0]) == {"fileName", "instrument", "targetName", "uri", *AGGREGATES}
    for row in results:
        matched = mask & (scan["uri"] == row["uri"])
        for name, column in (("Wavelength", "wavelength"), ("Flux", "flux")):
            assert row[f"matched{name}Min"] == scan[column][matched].min()
            assert row[f"matched{name}Max"] == scan[column][matched].max()


def test_sql_of_a_page_can_be_run(
    searched: Service, searched_api: TestClient, files: Files
) -> None:
    page = searched_api.get(f"{API}/search?{BRIGHT[files]}&limit=9").json()
    rows = searched._duckdb.fetch(page["query"], searched.lake.snapshot()).to_pylist()
    shown = [{k: v for k, v in row.items() if not k.startswith("_")} for row in rows]
    assert shown[:9] == page["results"]
    assert len(rows) == 10  # one more than the limit, because more results follow


def test_documented_example(searched_api: TestClient, files: Files) -> None:
    page = searched_api.get(f"{API}/search?{BRIGHT[files]}").json()
    assert page["query"].startswith("SELECT d.fileName, s.x, s.y, s.wavelength, s.flux, c.derSnr")
    assert list(page["results"][0]) == ["fileName", "x", "y", "wavelength", "flux", "derSnr"]


def test_pixel_without_value_is_not_a_result(searched: Service, searched_api: TestClient) -> None:
    """Uses the extraction with the most missing values."""
    fluxes = {
        str(record["fileName"]): oracle.expected_arrays(Path(str(record["location"]))).arrays[
            "FLUX"
        ]
        for record in searched.products()
        if record["productType"] == "x1d" and record["nSpectra"] == 1
    }
    name, flux = max(fluxes.items(), key=lambda item: np.count_nonzero(~np.isfinite(item[1])))
    assert not np.all(np.isfinite(flux))
    results = searched_api.get(f"{API}/search?fileName={name}&limit=10000").json()["results"]
    assert [row["x"] for row in results] == np.flatnonzero(np.isfinite(flux)).tolist()


def test_earlier_version_can_be_searched_again(
    lake: Service, api: TestClient, sample_folder: Path
) -> None:
    paths = sorted(sample_folder.glob("*x1d.fits"))[:2]
    lake.ingest([paths[0]])
    before = api.get(f"{API}/search?limit=5000").json()
    assert before["results"]
    lake.ingest([paths[1]])
    lake.remove([paths[0].name])
    again = api.get(f"{API}/search?limit=5000&version={before['version']}").json()
    assert again == before
    assert api.get(f"{API}/search").json()["version"] > before["version"]
