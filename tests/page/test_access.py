"""Every view: with keyboard and screen reader, light and dark, and on a phone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

VIEWS = {
    "start": "/",
    "table": "/?product=all&derSnr.gt=5&limit=20",
    "plot": "/?derSnr.gt=5&limit=200&show=plot",
    "nothing": "/?wavelength=1,2&flux.gte=1e30",
    "spectrum": "/product?filename=jw99005-o001_t001_niriss_f115w-gr150c_x1d.fits&lines=hydrogen",
    "image": "/product?filename=jw99004-o001_t001_miri_p750l_s2d.fits",
    "cube": "/product?filename=jw99003-o001_t001_miri_ch1-short_s3d.fits",
}


def settled(page: Page) -> None:
    """Wait until a view has loaded and shows its data."""
    page.wait_for_load_state("networkidle")
    expect(page.locator(".loading")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_accessibility(sample_site: str, open_page: OpenPage, view: str, scheme: str) -> None:
    page = open_page(sample_site + VIEWS[view], color_scheme=scheme)
    settled(page)
    found = Axe().run(page).response["violations"]
    serious = [
        (violation["id"], [node["html"][:120] for node in violation["nodes"][:3]])
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ]
    assert not serious


@pytest.mark.parametrize("view", VIEWS)
def test_a_phone_needs_no_horizontal_scrolling(
    sample_site: str, open_page: OpenPage, view: str
) -> None:
    page = open_page(sample_site + VIEWS[view], viewport={"width": 390, "height": 844})
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_keyboard_navigation(sample_site: str, open_page: OpenPage) -> None:
    page = open_page(sample_site)
    settled(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("From", exact=True)).to_be_focused()
    page.keyboard.type("1.2")
    page.keyboard.press("Tab")
    page.keyboard.type("1.3")
    page.keyboard.press("Enter")
    expect(page.locator(".results tbody tr").first).to_be_visible()
