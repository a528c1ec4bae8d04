"""Searches in a browser."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from astropy.io import fits
from playwright.sync_api import Page, expect

from spectraldb.service.service import Service
from tests.page.conftest import Watched

OpenPage = Callable[..., Page]


def search(page: Page) -> None:
    page.get_by_role("button", name="Search", exact=True).click()


def results(page: Page) -> list[list[str]]:
    """Return the cells of the table, exact values where the table has them."""
    expect(page.locator(".results tbody tr").first).to_be_visible()
    cells: list[list[str]] = page.eval_on_selector_all(
        ".results tbody tr",
        "rows => rows.map(r => [...r.cells].map("
        "c => (c.className === 'name' ? '' : c.title) || c.textContent))",
    )
    return cells


def headings(page: Page) -> list[str]:
    texts = page.locator(".results thead th").all_inner_texts()
    return [text.split(" ")[0].strip() for text in texts]


def test_pixels_are_found_with_the_values_of_the_file(
    real: Service, real_site: str, open_page: OpenPage
) -> None:
    page = open_page(real_site)
    page.get_by_label("From", exact=True).fill("3.2")
    page.get_by_label("To", exact=True).fill("3.3")
    page.get_by_label("S/N of the spectrum above").fill("20")
    expect(page.locator(".preview .count")).to_contain_text("match")
    search(page)
    rows, names = results(page), headings(page)
    expect(page).to_have_url(re.compile(r"wavelength=3\.2,3\.3&derSnr\.gt=20"))
    first = dict(zip(names, rows[0], strict=True))
    location = real.find(file_name=first["fileName"])["location"]
    table = fits.getdata(location, "EXTRACT1D")
    x = int(first["x"])
    assert float(first["wavelength"]) == table["WAVELENGTH"][x]
    assert float(first["flux"]) == table["FLUX"][x]
    assert all(3.2 <= float(row[names.index("wavelength")]) <= 3.3 for row in rows)


def test_preview_of_a_query_while_it_is_edited(real_site: str, open_page: OpenPage) -> None:
    page = open_page(real_site)
    page.get_by_label("Flux at least").fill("3")
    page.get_by_label("Unit").nth(1).select_option("mJy")
    expect(page.locator(".preview a")).to_have_text(re.compile(r"flux\.gte=3\+mJy"))
    expect(page.get_by_label("SQL")).to_contain_text("0.003")
    expect(page.locator(".preview .count")).to_contain_text("products match")


def test_url_restores_the_view(real_site: str, open_page: OpenPage) -> None:
    query = (
        "wavelength=20,21&product=s3d&snr.gt=3&good=true&instrument.ne=NIRSPEC"
        "&sort_by=-flux&limit=20"
    )
    page = open_page(f"{real_site}/?{query}")
    assert len(results(page)) == 20
    expect(page.get_by_label("From", exact=True)).to_have_value("20")
    expect(page.get_by_label("s3d", exact=True)).to_be_checked()
    expect(page.get_by_label("S/N of the pixel above")).to_have_value("3")
    expect(page.get_by_label("column", exact=True)).to_have_value("instrument")
    expect(page.get_by_label("operator")).to_have_value("ne")
    search(page)
    results(page)
    assert parse_qs(urlsplit(page.url).query) == parse_qs(query)


def test_back_and_forward(real_site: str, open_page: OpenPage) -> None:
    page = open_page(f"{real_site}/?wavelength=3.2,3.3")
    results(page)
    page.get_by_role("button", name="Plot", exact=True).click()
    expect(page.locator(".results .plot .main-svg").first).to_be_visible()
    page.get_by_role("button", name="Group by product").click()
    expect(page.get_by_role("button", name="matched", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Plot", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.go_back()
    results(page)
    page.go_forward()
    expect(page.locator(".results .plot .main-svg").first).to_be_visible()


def test_headings_sort_and_pages_follow(real_site: str, open_page: OpenPage) -> None:
    page = open_page(f"{real_site}/?wavelength=3,4&limit=10")
    first = results(page)
    page.get_by_role("button", name="Next page").click()
    expect(page).to_have_url(re.compile("after="))
    expect(page.locator(".results")).to_contain_text("The next 10 pixels")
    assert results(page) != first
    page.get_by_role("button", name="flux", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("flux")
    column = headings(page).index("flux")
    fluxes = [float(row[column]) for row in results(page)]
    assert fluxes == sorted(fluxes, reverse=True)


def test_a_result_links_to_its_product(real_site: str, open_page: OpenPage) -> None:
    page = open_page(f"{real_site}/?wavelength=3.2,3.3&limit=5")
    name = results(page)[0][0]
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator(".plot .main-svg").first).to_be_visible()


def test_condition_on_any_column(real_site: str, open_page: OpenPage) -> None:
    page = open_page(real_site)
    page.get_by_role("button", name="+ Add condition").click()
    page.get_by_label("column", exact=True).fill("grating")
    page.get_by_label("operator").select_option("like")
    page.get_by_label("value").fill("G395*")
    search(page)
    rows, names = results(page), headings(page)
    assert {row[names.index("grating")] for row in rows} <= {"G395M", "G395H"}


def test_a_pasted_position(real: Service, real_site: str, open_page: OpenPage) -> None:
    page = open_page(f"{real_site}/?product=s3d")
    page.get_by_label("RA and Dec").fill("23:03:15.6 +08:52:26")
    page.get_by_label("Radius").fill("20")
    search(page)
    expect(page).to_have_url(re.compile(r"ra=345\.815&dec=8\.8738"))
    assert results(page)


@pytest.mark.parametrize("example", range(6))
def test_every_example_finds_something(sample_site: str, open_page: OpenPage, example: int) -> None:
    page = open_page(sample_site)
    page.locator(".examples a").nth(example).click()
    expect(page.locator(".results .result-summary")).to_contain_text(re.compile("pixels|products"))
    expect(page.locator(".results tbody tr, .results .main-svg").first).to_be_visible()


def test_relaxed_searches_if_nothing_matches(real_site: str, open_page: OpenPage) -> None:
    page = open_page(f"{real_site}/?wavelength=3,4&flux.gte=1e30")
    expect(page.get_by_text("Found 0 pixels")).to_be_visible()
    page.get_by_role("link", name="without flux.gte").click()
    assert results(page)


def test_the_message_of_an_error_is_shown(
    real_site: str, open_page: OpenPage, watched: Watched
) -> None:
    watched.expected.append("400")
    page = open_page(f"{real_site}/?wavelenth=3,4")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean 'wavelength'?")


def test_unreachable_server(real_site: str, open_page: OpenPage, watched: Watched) -> None:
    watched.expected.append("net::ERR")
    page = open_page(real_site)
    expect(page.get_by_role("button", name="Search", exact=True)).to_be_visible()
    page.route("**/spectra/api/**", lambda route: route.abort())
    page.get_by_label("From", exact=True).fill("3")
    search(page)
    expect(page.get_by_role("alert")).to_contain_text("The server does not respond")


def test_a_search_can_be_stopped(real_site: str, open_page: OpenPage) -> None:
    page = open_page(real_site)
    page.route("**/api/v0.1/search?*", lambda _: None)
    page.get_by_label("From", exact=True).fill("3")
    search(page)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("The search was stopped")).to_be_visible()


def test_copy_buttons(real_site: str, open_page: OpenPage) -> None:
    page = open_page(
        f"{real_site}/?wavelength=3.2,3.3", permissions=["clipboard-read", "clipboard-write"]
    )
    results(page)
    page.get_by_text("Copy as").click()
    page.get_by_role("button", name="URL", exact=True).click()
    expect(page.get_by_text("URL copied")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    answer = json.loads(page.request.get(address).text())
    assert answer["results"]
    page.get_by_role("button", name="Python").click()
    expect(page.get_by_text("Python copied")).to_be_visible()
    code = page.evaluate("navigator.clipboard.readText()")
    names: dict[str, Any] = {}
    exec(code, names)
    assert len(names["table"]) == len(answer["results"])
    names["db"].close()


def test_a_download_contains_all_matches(real_site: str, open_page: OpenPage) -> None:
    page = open_page(f"{real_site}/?wavelength=3.2,3.3&limit=5")
    results(page)
    page.get_by_text("Download all", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    lines = started.value.path().read_text().splitlines()
    assert len(lines) == 6
    assert np.isfinite(float(lines[1].split(",")[3]))
