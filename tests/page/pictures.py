"""Create the pictures of the documentation from synthetic products: `make pictures`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.page.conftest import NO_BROWSER, QUIET, browser_path, served_samples

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
SIZE: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}
DRAWN = "[...document.querySelectorAll('.plot')].every(plot => plot.data?.length)"

IMAGE = "jw99001-o002_s00202_nirspec_f290lp-g395m_s2d.fits"
CUBE = "jw99003-o001_t001_miri_ch1-short_s3d.fits"
SPECTRUM = "jw99003-o001_t001_miri_ch1-short_x1d.fits"

VIEWS = {
    "search": "?product=all&wavelength=5.1,5.2&snr.gt=50&good=true&sort_by=-snr&columns=ra,dec",
    "search-plot": "?wavelength=5.1,5.3&product=x1d&show=plot",
    "spectrum": f"product?filename={SPECTRUM}&lines=molecular+hydrogen,hydrogen&redshift=0.055",
    "image": f"product?filename={IMAGE}&rows=18,22",
    "cube": f"product?filename={CUBE}&plane=100&aperture=345.62,8.91,0.5",
}
"""URLs of the views, by the names of their pictures."""


def main() -> None:
    """Save a picture of each view."""
    path = browser_path()
    if path is None:
        sys.exit(NO_BROWSER)
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        served_samples(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        for name, address in VIEWS.items():
            _save(browser.new_page(viewport=SIZE), f"{site}/{address}", name)
        dark = browser.new_page(viewport=PHONE, color_scheme="dark", device_scale_factor=2)
        _save(dark, f"{site}/{VIEWS['spectrum']}", "phone")
        browser.close()


def _save(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    while not page.evaluate(DRAWN):
        page.wait_for_timeout(100)
    # A plot adapts to the width of its element after it is drawn.
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / f"{name}.png")
    page.close()
    print(f"Made docs/pictures/{name}.png")


if __name__ == "__main__":
    main()
