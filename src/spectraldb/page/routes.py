"""Routes of the web page: the page itself, its files and the plotting library.

The page is plain HTML, CSS and JavaScript modules, served from `static/` without a build step. It
gets all its data from the API, like any other client.
"""

import gzip
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"

VIEWS = ("/", "/product")
"""Paths of the views: the search view and the product view."""

POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
    # The plotting library sets inline styles.
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'"
)
"""Content security policy: load nothing from another host, and run only scripts of the server."""

_HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    # Browsers revalidate on every use, so that an upgrade takes effect at once.
    "cache-control": "no-cache",
}
_YEAR = "public, max-age=31536000, immutable"


def install_page(app: FastAPI) -> None:
    """Add the routes of the page to an application."""
    router = APIRouter(include_in_schema=False)

    def view() -> Response:
        html = (STATIC / "index.html").read_text()
        html = html.replace("PLOTLY_VERSION", version("plotly"))
        return Response(html, media_type="text/html; charset=utf-8", headers=_HEADERS)

    for path in VIEWS:
        router.add_api_route(path, view)

    @router.get("/page/plotly.min.js")
    def plotly(request: Request) -> Response:
        headers = {"cache-control": _YEAR, "vary": "accept-encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return FileResponse(_plotly(), media_type="text/javascript", headers=headers)
        headers["content-encoding"] = "gzip"
        return Response(_plotly_gzipped(), media_type="text/javascript", headers=headers)

    app.include_router(router)
    app.mount("/page", _Files(directory=STATIC))


class _Files(StaticFiles):
    """The files of the page, which browsers revalidate on every use."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Return the response with a file, or 304 if it has not been modified."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(_HEADERS)
        return response


def _plotly() -> Path:
    """Return the path of the script of Plotly, without importing the Python package."""
    spec = find_spec("plotly")
    assert spec is not None  # noqa: S101 - a dependency
    assert spec.origin is not None  # noqa: S101 - it is a package with files
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


@cache
def _plotly_gzipped() -> bytes:
    """Return the script compressed with gzip, 1.4 MB instead of 4.8 MB."""
    return gzip.compress(_plotly().read_bytes(), 6)
