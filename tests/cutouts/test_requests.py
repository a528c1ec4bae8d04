"""Tests of requests for cut-outs over HTTP, from the parameters to the arrays."""

import contextlib
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.errors import BadQueryError
from spectraldb.query.retrieval import parse_retrieval
from tests.cutouts.conftest import API, Files


def array(answer: dict[str, Any], name: str) -> Any:
    return np.array(answer["data"][name], "f8")


def test_cutouts_of_every_kind(files: Files) -> None:
    whole = files.get("cube", columns="wavelength,flux")
    flux, wavelength = array(whole, "flux"), array(whole, "wavelength")
    low, high = wavelength[3], wavelength[6]
    answer = files.get("cube", wavelength=f"{low},{high}", y="1,3", x=2, columns="flux")
    np.testing.assert_array_equal(array(answer, "flux"), flux[3:7, 1:4, 2:3])
    assert answer["cutout"] == {"z": [3, 6], "y": [1, 3], "x": [2, 2]}
    angstrom = f"{low * 1e4 - 0.1},{high * 1e4 + 0.1} Angstrom"
    in_angstrom = files.get("cube", wavelength=angstrom, columns="wavelength")
    assert array(in_angstrom, "wavelength").tolist() == wavelength[3:7].tolist()
    sums = array(files.get("cube", bin="z:4,x:2", statistic="sum"), "flux")
    nz, ny, nx = flux.shape
    assert sums.shape == (-(-nz // 4), ny, -(-nx // 2))
    row = files.get("image", spectrum=2, columns="flux,good")
    assert len(row["data"]["flux"]) == len(row["data"]["good"])
    assert len(files.get("table", x="10,12", columns="flux")["data"]["flux"]) == 3


def test_an_aperture(files: Files) -> None:
    sky = files.get("cube", z=0, columns="ra,dec")
    ra, dec = (array(sky, name)[2, 3] for name in ("ra", "dec"))
    cone = {"ra": ra, "dec": dec, "radius": "0.3arcsec"}
    cut = files.get("cube", **cone, columns="inside")
    assert np.any(cut["data"]["inside"])
    assert np.ndim(files.get("cube", **cone, bin="x,y")["data"]["flux"]) == 1


@pytest.mark.parametrize(
    ("kind", "parameters", "status", "message"),
    [
        ("cube", {"x": "0,5000"}, 400, "between 0 and"),
        ("cube", {"x": "5,3"}, 400, "lower index first"),
        ("cube", {"spectrum": 3, "x": 1}, 400, "fixes this index"),
        ("cube", {"wavelength": "1,2"}, 404, "Available wavelengths"),
        ("cube", {"ra": 0, "dec": 0, "radius": 1}, 404, "The nearest is"),
        ("cube", {"ra": 0}, 400, "dec is missing"),
        ("cube", {"bin": "w"}, 400, "not an axis"),
        ("cube", {"bin": "z,wavelength"}, 400, "same axis"),
        ("cube", {"statistic": "sum"}, 400, "Requires bin"),
        ("cube", {"bin": "x", "statistic": "mode"}, 400, "mean nor sum"),
        ("cube", {"columns": "fluks"}, 400, "no array 'fluks'"),
        ("cube", {"wavelenth": "1,2"}, 400, "Unknown parameter 'wavelenth'"),
        ("table", {"y": 3}, 400, "has no such axis"),
        ("table", {"bin": "y"}, 400, "no axis 'y'"),
        ("table", {"wavelength": "100,200"}, 404, "Available wavelengths"),
        ("table", {"wavelength": "3"}, 400, "two values"),
        ("table", {"ra": 0, "dec": 0, "radius": 1}, 404, "The nearest is"),
        ("image", {"z": 3}, 400, "has no such axis"),
    ],
)
def test_invalid_cutouts_are_rejected(
    files: Files, kind: str, parameters: dict[str, Any], status: int, message: str
) -> None:
    name = getattr(files, kind)
    response = files.api.get(f"{API}/retrieve", params={"filename": name, **parameters})
    assert response.status_code == status
    assert message in response.json()["message"]


@given(st.text(max_size=12), st.sampled_from(["x", "wavelength", "bin", "spectrum", "radius"]))
def test_any_text_is_parsed_or_rejected(text: str, name: str) -> None:
    pairs = [(name, text)]
    if name == "radius":
        pairs += [("ra", "1"), ("dec", "1")]
    with contextlib.suppress(BadQueryError):
        parse_retrieval(pairs)


@pytest.mark.parametrize(
    "parameters", [{}, {"y": "1,3", "x": "2,5", "z": "5"}, {"bin": "wavelength"}]
)
def test_wcs_matches_the_positions(files: Files, parameters: dict[str, str]) -> None:
    answer = files.get("cube", **parameters)
    header = fits.Header({"WCSAXES": 2, **answer["wcs"]})
    ra, dec = array(answer, "ra"), array(answer, "dec")
    y, x = np.mgrid[: ra.shape[0], : ra.shape[1]]
    lon, lat = WCS(header).pixel_to_world_values(x, y)
    np.testing.assert_allclose(lon % 360, ra, rtol=0, atol=1e-11)
    np.testing.assert_allclose(lat, dec, rtol=0, atol=1e-11)


def test_combined_pixels_and_images_have_no_wcs(files: Files) -> None:
    assert "wcs" not in files.get("cube", bin="x:2,y:2")
    assert "wcs" not in files.get("image")


def test_original_file(files: Files) -> None:
    url = f"{API}/retrieve/file?filename={files.table}"
    whole = files.api.get(url)
    content = files.path(files.table).read_bytes()
    assert whole.content == content
    assert files.table in whole.headers["content-disposition"]
    part = files.api.get(url, headers={"range": "bytes=2880-5759"})
    assert (part.status_code, part.content) == (206, content[2880:5760])
    assert int(files.api.head(url).headers["content-length"]) == len(content)
    assert files.api.get(f"{API}/retrieve/file?filename=none.fits").status_code == 404


def test_sql_without_running_it(files: Files) -> None:
    parameters = {"wavelength": "3,3.1", "flux.gt": "0"}
    response = files.api.get(f"{API}/search/sql", params=parameters).json()
    searched = files.api.get(f"{API}/search", params=parameters).json()
    assert response["query"] == searched["query"]
    assert files.api.get(f"{API}/search/sql", params={"wavelenth": "3"}).status_code == 400
