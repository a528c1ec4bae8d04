"""1-D products in a browser."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from playwright.sync_api import Page, expect

from spectraldb.service.service import Service
from tests.page.conftest import Watched, until

OpenPage = Callable[..., Page]

TABLE = "jw02736-o007_s06355_nirspec_f290lp-g395m_x1d.fits"
NGC7469 = "jw01328-c1006_t014_miri_ch2-shortmediumlong_x1d.fits"


def open_product(open_page: OpenPage, site: str, name: str, more: str = "", **rest: Any) -> Page:
    page = open_page(f"{site}/product?filename={name}{more}", **rest)
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator(".plot .main-svg").first).to_be_visible()
    return page


def drawn(page: Page, trace: int = 1) -> dict[str, list[Any]]:
    """Return the data of a trace of the plot; the line follows its error band."""
    line: dict[str, list[Any]] = page.evaluate(
        "n => { const t = document.querySelector('.plot').data[n];"
        " return {x: Array.from(t.x), y: Array.from(t.y), name: t.name}; }",
        trace,
    )
    return line


def numbers_of(page: Page) -> dict[str, list[str]]:
    page.get_by_text("Data table", exact=True).click()
    table = page.locator(".numbers table")
    names = [text.split(" ")[0] for text in table.locator("thead th").all_inner_texts()]
    rows: list[list[str]] = page.eval_on_selector_all(
        ".numbers tbody tr", "rows => rows.map(r => [...r.cells].map(c => c.textContent))"
    )
    columns = map(list, zip(*rows, strict=True))
    return dict(zip(names, columns, strict=True))


def test_the_numbers_are_those_of_the_file(
    real: Service, real_site: str, open_page: OpenPage
) -> None:
    page = open_product(open_page, real_site, TABLE, "&what=flux")
    table = fits.getdata(real.find(file_name=TABLE)["location"], "EXTRACT1D")
    numbers = numbers_of(page)
    for i in (0, 100, 333):
        assert float(numbers["wavelength"][i]) == table["WAVELENGTH"][i]
        expected = table["FLUX"][i]
        assert (numbers["flux"][i] == "") == (not np.isfinite(expected))
        if numbers["flux"][i]:
            assert float(numbers["flux"][i]) == expected


def test_the_plot_draws_the_good_pixels_of_the_file(
    real: Service, real_site: str, open_page: OpenPage
) -> None:
    page = open_product(open_page, real_site, TABLE, "&what=flux")
    table = fits.getdata(real.find(file_name=TABLE)["location"], "EXTRACT1D")
    line = drawn(page)
    flux, error = (np.array(table[n], "f8") for n in ("FLUX", "FLUX_ERROR"))
    good = np.isfinite(flux) & (error > 0) & ((table["DQ"] & 1) == 0)
    got = np.array(line["y"], "f8")
    np.testing.assert_array_equal(np.isfinite(got), good)
    np.testing.assert_array_equal(got[good], flux[good])
    expect(page.get_by_text(f"{np.sum(~good & np.isfinite(flux))} flagged pixels")).to_be_visible()


def test_flagged_pixels_are_those_that_are_not_good_in_the_api(
    real_site: str, open_page: OpenPage
) -> None:
    page = open_product(open_page, real_site, TABLE, "&what=flux")
    answer = page.request.get(
        f"{real_site}/spectra/api/v0.1/retrieve?filename={TABLE}&columns=good"
    ).json()
    texts = page.evaluate("document.querySelector('.plot').data[1].text")
    assert ["<br>flagged" not in text for text in texts] == answer["data"]["good"]
    assert not all(answer["data"]["good"])


@pytest.mark.parametrize(
    ("unit", "astropy_unit"), [("mJy", u.mJy), ("W / (m2 um)", u.W / u.m**2 / u.um)]
)
def test_units_are_converted_as_astropy_does(
    real: Service, real_site: str, open_page: OpenPage, unit: str, astropy_unit: u.Unit
) -> None:
    page = open_product(open_page, real_site, TABLE, "&what=flux")
    before = drawn(page)
    page.get_by_label("Flux unit", exact=True).select_option(unit)
    expect(page).to_have_url(re.compile("unit="))
    until(page, "y => document.querySelector('.plot').data[1].y[400] !== y", before["y"][400])
    flux = u.Quantity(np.array(before["y"], "f8"), u.Jy)
    expected = flux.to_value(astropy_unit, u.spectral_density(before["x"] * u.um))
    np.testing.assert_allclose(np.array(drawn(page)["y"], "f8"), expected, rtol=1e-9)


def test_the_spectral_axis_in_ghz(real_site: str, open_page: OpenPage) -> None:
    page = open_product(open_page, real_site, TABLE)
    before = drawn(page)["x"]
    page.get_by_label("Spectral axis").select_option("GHz")
    until(page, "document.querySelector('.plot').layout.xaxis.title.text.includes('GHz')")
    expected = (np.array(before) * u.um).to_value(u.GHz, u.spectral())
    np.testing.assert_allclose(drawn(page)["x"], expected, rtol=1e-12)
    page.go_back()
    expect(page.get_by_label("Spectral axis")).to_have_value("um")


def test_limits_ignore_spikes_by_default(real_site: str, open_page: OpenPage) -> None:
    page = open_product(
        open_page, real_site, "jw01128-o002_t016_nirspec_prism-clear_x1d.fits", "&what=flux"
    )
    top = "document.querySelector('.plot').layout.yaxis.range[1]"
    robust = page.evaluate(top)
    expect(page.get_by_text("outside the range of the axis")).to_be_visible()
    page.get_by_role("checkbox", name="All values").check()
    until(page, f"{top} > {1e4 * robust}")


def test_a_spectrum_of_several(sample_site: str, open_page: OpenPage) -> None:
    name = "jw99005-o001_t001_niriss_f115w-gr150c_c1d.fits"
    page = open_product(open_page, sample_site, name)
    page.get_by_role("button", name="Next →").click()
    expect(page).to_have_url(re.compile("spectrum=1"))
    until(page, "document.querySelector('.plot').data[1].name === 'spectrum 1'")
    answer = page.request.get(
        f"{sample_site}/spectra/api/v0.1/retrieve?filename={name}&spectrum=1"
    ).json()
    what = (
        "flux" if "Flux" in page.locator("button[aria-pressed=true]").inner_text() else "surfBright"
    )
    assert drawn(page)["y"] == answer["data"][what]
    page.get_by_text("List", exact=True).click()
    page.get_by_label("Filter").fill("42")
    page.get_by_role("button", name="7", exact=True).click()
    expect(page).to_have_url(re.compile("spectrum=7"))


def test_overlay_of_other_products(real_site: str, open_page: OpenPage) -> None:
    other = NGC7469.replace("ch2", "ch3")
    page = open_product(open_page, real_site, NGC7469)
    page.get_by_label("Overlay a spectrum").fill("ch3-shortmediumlong")
    until(page, "document.querySelector('.overlay datalist option')?.value.includes('ch3')")
    page.get_by_label("Overlay a spectrum").fill(other)
    expect(page).to_have_url(re.compile("with=mast"))
    until(page, "document.querySelector('.plot').data.length === 4")
    page.reload()
    until(page, "document.querySelector('.plot')?.data?.length === 4")
    page.get_by_role("button", name="✕").click()
    until(page, "document.querySelector('.plot').data.length === 2")


def test_lines_at_a_redshift(real_site: str, open_page: OpenPage) -> None:
    page = open_product(open_page, real_site, NGC7469)
    page.get_by_text("Lines", exact=True).click()
    page.get_by_label("atoms and ions").check()
    page.get_by_label("Redshift").fill("0.0163")
    page.get_by_label("Redshift").press("Enter")
    until(
        page,
        "document.querySelector('.plot').layout.annotations.some(a => a.text.startsWith('[S IV]'))",
    )
    marks = "document.querySelector('.plot').layout.annotations"
    at = page.evaluate(f"{marks}.find(a => a.text.startsWith('[S IV]')).x")
    assert at == pytest.approx(10.5105 * 1.0163)


def test_metadata_and_downloads(real: Service, real_site: str, open_page: OpenPage) -> None:
    page = open_product(open_page, real_site, TABLE)
    page.get_by_text("Metadata", exact=True).click()
    expect(page.locator("dd").filter(has_text="NRS_MSASPEC")).to_be_visible()
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("link", name="FITS file").click()
    content = Path(real.find(file_name=TABLE)["location"]).read_bytes()
    assert started.value.path().read_bytes() == content


def test_unknown_product(real_site: str, open_page: OpenPage, watched: Watched) -> None:
    watched.expected.append("404")
    page = open_page(f"{real_site}/product?filename={TABLE[:-6]}.fits")
    expect(page.get_by_role("alert")).to_contain_text("in the lake")
    expect(page.get_by_role("link", name="Search for products")).to_be_visible()


def test_the_client_is_copied(real: Service, real_site: str, open_page: OpenPage) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    page = open_page(f"{real_site}/product?filename={TABLE}", permissions=permissions)
    page.get_by_text("Copy as").click()
    page.get_by_role("button", name="Python").click()
    expect(page.get_by_text("Python copied")).to_be_visible()
    names: dict[str, Any] = {}
    exec(page.evaluate("navigator.clipboard.readText()"), names)
    assert names["product"].uri == real.find(file_name=TABLE)["uri"]
    names["db"].close()
