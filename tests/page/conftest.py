"""Servers with real and synthetic products, and a browser that opens their pages.

Without a browser these tests are skipped, or fail if SPECTRALDB_NEED_BROWSER=1 is set.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, Request, expect, sync_playwright

from spectraldb.sample import write_samples
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.server import served

WAIT_S = 20.0
NAMES = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = (
    "Chromium not found. Install it (Debian: apt install chromium), or set SPECTRALDB_BROWSER to "
    "its path."
)
expect.set_options(timeout=WAIT_S * 1000)

# Chromium's own requests are not part of the page, and would fail without internet access.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-gpu",
    "--no-sandbox",
]


def browser_path() -> str | None:
    path = os.environ.get("SPECTRALDB_BROWSER")
    return path or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = browser_path()
    if path is None and os.environ.get("SPECTRALDB_NEED_BROWSER"):
        pytest.fail(NO_BROWSER)
    if path is None:
        pytest.skip(NO_BROWSER)
    return path


@pytest.fixture(scope="session")
def browser(chromium_path: str, playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium_path, args=QUIET)
    yield browser
    browser.close()


@contextmanager
def served_samples(folder: Path) -> Iterator[str]:
    """Serve synthetic products, with their files and lake in a folder; yield the URL."""
    write_samples(folder / "samples", lambda _: None)
    service = Service(Settings(lake=folder / "lake"), create=True)
    service.ingest([folder / "samples"])
    with served(service) as address:
        yield address
    service.close()


@pytest.fixture(scope="session")
def sample_site(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL of a server with the synthetic products."""
    with served_samples(tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture(scope="session")
def real_site(chromium_path: str, real: Service) -> Iterator[str]:
    """Yield the URL of a server with the real products."""
    with served(real) as address:
        yield address


@pytest.fixture
def empty_site(chromium_path: str, lake: Service) -> Iterator[str]:
    """Yield the URL of a server with an empty lake."""
    with served(lake) as address:
        yield address


@dataclass
class Watched:
    """Console errors of a page, and its requests to other hosts."""

    console: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Texts of console errors that a test provokes."""

    def note_request(self, request: Request) -> None:
        """Record a request to a host other than the server."""
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.elsewhere.append(request.url)

    def note_error(self, text: str) -> None:
        """Record a console error or an uncaught exception."""
        if not any(part in text for part in self.expected):
            self.console.append(text)


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def open_page(browser: Browser, watched: Watched) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens a URL, with options of the browser context.

    The test fails if a page logs an error or sends a request to another host.
    """
    contexts = []

    def open_it(address: str, **options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_S * 1000)
        page.on("request", watched.note_request)
        page.on("pageerror", lambda error: watched.note_error(str(error)))
        page.on(
            "console",
            lambda message: watched.note_error(message.text) if message.type == "error" else None,
        )
        page.goto(address)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not watched.console
    assert not watched.elsewhere


def until(page: Page, script: str, argument: object = None) -> Any:
    """Wait until a script returns a true value, and return the value.

    Playwright's `wait_for_function` evaluates text in the page, which the page's policy forbids.
    """
    limit = time.monotonic() + WAIT_S
    while not (found := page.evaluate(script, argument)):
        assert time.monotonic() < limit, f"Time limit exceeded: {script}"
        page.wait_for_timeout(50)
    return found
