"""2-D spectra and cubes in a browser."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from spectraldb.service.service import Service
from tests.page.conftest import until

OpenPage = Callable[..., Page]

IMAGE = "jw02736-o007_s06355_nirspec_f290lp-g395m_s2d.fits"
CUBE = "Level3_ch4-medium_s3d.fits"

SPECTRUM = "[...document.querySelectorAll('.plot')].at(-1)"


def open_product(open_page: OpenPage, site: str, name: str, more: str = "") -> Page:
    page = open_page(f"{site}/product?filename={name}{more}")
    until(page, f"{SPECTRUM}?.data?.length > 0")
    return page


def wait_for_spectrum(page: Page, name: str) -> NDArray[Any]:
    """Wait until the plot has a line with this name, and return its values."""
    line = f"{SPECTRUM}.data.find(t => t.name === {name!r})"
    until(page, f"{line} !== undefined")
    return np.array(page.evaluate(f"Array.from({line}.y)"), "f8")


@pytest.fixture(scope="module")
def cube(real: Service) -> dict[str, NDArray[Any]]:
    with fits.open(real.find(file_name=CUBE)["location"]) as file:
        return {name: np.array(file[name].data) for name in ("SCI", "ERR", "DQ")}


def good_of(cube: dict[str, NDArray[Any]]) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        good = np.isfinite(cube["SCI"]) & (cube["ERR"] > 0) & ((cube["DQ"] & 1) == 0)
    return np.asarray(good)


def assert_spaxel(cube: dict[str, NDArray[Any]], got: NDArray[Any], x: int, y: int) -> None:
    good = good_of(cube)[:, y, x]
    np.testing.assert_array_equal(np.isfinite(got), good)
    np.testing.assert_array_equal(got[good], cube["SCI"][good, y, x].astype("f8"))


def test_a_row_of_an_image(real: Service, real_site: str, open_page: OpenPage) -> None:
    page = open_product(open_page, real_site, IMAGE)
    page.get_by_label("First row").fill("20")
    page.get_by_label("First row").press("Enter")
    expect(page.get_by_label("Last row")).to_have_value("20")
    got = wait_for_spectrum(page, "row 20")
    with fits.open(real.find(file_name=IMAGE)["location"]) as file:
        flux, weight = file["SCI"].data[20].astype("f8"), file["WHT"].data[20]
    drawn = np.isfinite(got)
    np.testing.assert_array_equal(got[drawn], flux[drawn])
    assert not np.any(drawn & ~(weight > 0))


def test_combined_rows(real: Service, real_site: str, open_page: OpenPage) -> None:
    page = open_product(open_page, real_site, IMAGE, "&rows=22,25")
    got = wait_for_spectrum(page, "mean of rows 22 to 25")
    with fits.open(real.find(file_name=IMAGE)["location"]) as file:
        flux, error, weight = (file[n].data[22:26].astype("f8") for n in ("SCI", "ERR", "WHT"))
    good = np.isfinite(flux) & np.isfinite(error) & (weight > 0)
    with np.errstate(invalid="ignore"):
        expected = np.where(good, flux, 0).sum(axis=0) / good.sum(axis=0)
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    page.get_by_label("Combine rows by").select_option("sum")
    wait_for_spectrum(page, "sum of rows 22 to 25")
    page.get_by_label("Last row").fill("27")
    page.get_by_label("Last row").press("Enter")
    wait_for_spectrum(page, "sum of rows 22 to 27")


def test_the_row_under_the_pointer(real_site: str, open_page: OpenPage) -> None:
    page = open_product(open_page, real_site, IMAGE)
    page.locator(".plot .nsewdrag").first.hover()
    expect(page.locator(".readout")).to_contain_text(re.compile(r"y \d+, x \d+ .* µm .* MJy/sr"))
    until(page, f"{SPECTRUM}.data.some(t => t.name?.startsWith('pointer: row'))")


def test_dispersion_along_y_is_drawn_horizontally(sample_site: str, open_page: OpenPage) -> None:
    page = open_product(open_page, sample_site, "jw99004-o001_t001_miri_p750l_s2d.fits")
    title = page.evaluate("document.querySelector('.plot').layout.yaxis.title.text")
    assert "dispersion along y" in title
    shape = page.evaluate(
        "(z => [z.length, z[0].length])(document.querySelector('.plot').data[0].z)"
    )
    assert shape == [44, 388]


def test_clicking_a_spaxel(
    real_site: str, open_page: OpenPage, cube: dict[str, NDArray[Any]]
) -> None:
    page = open_product(open_page, real_site, CUBE)
    page.locator(".plot .nsewdrag").first.click(position={"x": 150, "y": 120})
    expect(page).to_have_url(re.compile(r"spaxel=\d+,\d+"))
    match = re.search(r"spaxel=(\d+),(\d+)", page.url)
    assert match
    x, y = int(match[1]), int(match[2])
    assert_spaxel(cube, wait_for_spectrum(page, f"spaxel {x}, {y}"), x, y)


def test_spaxels_by_keyboard(
    real_site: str, open_page: OpenPage, cube: dict[str, NDArray[Any]]
) -> None:
    page = open_product(open_page, real_site, CUBE)
    page.get_by_label("Spaxel x").fill("10")
    page.get_by_label("Spaxel x").press("Enter")
    page.get_by_label("Spaxel y").fill("13")
    page.get_by_label("Spaxel y").press("Enter")
    assert_spaxel(cube, wait_for_spectrum(page, "spaxel 10, 13"), 10, 13)


def test_planes(real_site: str, open_page: OpenPage, cube: dict[str, NDArray[Any]]) -> None:
    page = open_product(open_page, real_site, CUBE, "&plane=99&stretch=linear&cuts=100")
    page.get_by_label("Next plane").click()
    expect(page).to_have_url(re.compile("plane=100"))
    expect(page.get_by_label("Plane (0 to 631)")).to_have_value("100")
    plane = cube["SCI"][100].astype("f8")
    low, high = np.nanmin(plane), np.nanmax(plane)
    expected = (plane - low) / (high - low)
    # The neighbouring planes are drawn in the same way, but have other values at this pixel.
    z, (y, x) = "document.querySelector('.plot').data[0].z", (13, 13)
    until(page, f"value => Math.abs({z}[{y}][{x}] - value) < 1e-9", float(expected[y, x]))
    drawn = np.array(page.evaluate(z), "f8")
    np.testing.assert_allclose(drawn, expected, atol=1e-12)


def test_an_aperture(real_site: str, open_page: OpenPage, cube: dict[str, NDArray[Any]]) -> None:
    page = open_product(open_page, real_site, CUBE)
    page.get_by_label("Or aperture").fill("345.8151 8.8739")
    page.get_by_label("Radius (arcsec)").fill("1.2")
    page.get_by_label("Radius (arcsec)").press("Enter")
    expect(page).to_have_url(re.compile(r"aperture=345\.8151,8\.8739,1\.2"))
    name = until(page, f"{SPECTRUM}.data.find(t => t.name?.startsWith('mean of up to'))?.name")
    answer = page.request.get(
        f"{real_site}/spectra/api/v0.1/retrieve?filename={CUBE}&ra=345.8151&dec=8.8739"
        "&radius=1.2arcsec&z=0&columns=inside"
    ).json()
    (y0, _), (x0, _) = answer["cutout"]["y"], answer["cutout"]["x"]
    inside = np.zeros(cube["SCI"].shape[1:], bool)
    part = np.array(answer["data"]["inside"])
    inside[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]] = part
    flux = np.where(good_of(cube), cube["SCI"], np.nan).astype("f8")[:, inside]
    expected = np.nanmean(flux, axis=1)
    np.testing.assert_allclose(wait_for_spectrum(page, str(name)), expected, rtol=1e-9)


def test_flux_density_of_an_aperture(real_site: str, open_page: OpenPage) -> None:
    aperture = "&aperture=345.8151,8.8739,0.6&statistic=sum"
    page = open_product(open_page, real_site, f"{CUBE}{aperture}")
    page.get_by_label("Background from (arcsec)").fill("0.8")
    page.get_by_label("to (arcsec)", exact=True).fill("1.2")
    page.get_by_label("to (arcsec)", exact=True).press("Enter")
    expect(page).to_have_url(re.compile(r"annulus=0\.8,1\.2"))
    drawn = f"{SPECTRUM}.data.find(t => t.name?.endsWith('background subtracted'))?.name"
    name = str(until(page, drawn))
    answer = page.request.get(
        f"{real_site}/spectra/api/v0.1/retrieve?filename={CUBE}&ra=345.8151&dec=8.8739"
        "&radius=0.6arcsec&bin=x,y&statistic=sum&annulus=0.8,1.2arcsec"
    ).json()
    assert f"of {answer['pixelArea']:.4g} sr" in name
    assert answer["column_metadata"]["flux"]["units"] == "Jy"
    expected = np.array(answer["data"]["flux"], "f8")
    np.testing.assert_allclose(wait_for_spectrum(page, name), expected, rtol=1e-9)


def test_only_displayed_data_are_transferred(real_site: str, open_page: OpenPage) -> None:
    sizes: list[int] = []
    page = open_product(open_page, real_site, CUBE)
    page.on("response", lambda response: sizes.append(len(response.body())))
    with page.expect_response(re.compile("z=200")):
        page.get_by_label("Plane (0 to 631)").fill("200")
        page.get_by_label("Plane (0 to 631)").press("Enter")
    page.wait_for_load_state("networkidle")
    assert sum(sizes) < 100_000


def test_a_wavelength_range(real_site: str, open_page: OpenPage) -> None:
    page = open_product(open_page, real_site, CUBE)
    page.get_by_label("Wavelengths from").fill("21")
    with page.expect_response(re.compile(r"wavelength=21(,|%2C)21\.5.*bin=wavelength")):
        page.get_by_label("To (µm)").fill("21.5")
        page.get_by_label("To (µm)").press("Enter")
    expect(page).to_have_url(re.compile("range=21,21.5"))
