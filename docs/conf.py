"""How the documentation becomes a site: `make docs`."""

import re
from pathlib import Path

from sphinx.application import Sphinx

from spectraldb import __version__

project = "Spectral DB"
author = "The Spectral DB developers"
copyright = author  # noqa: A001 - Sphinx's name
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"Spectral DB {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # a test runs the notebook
autodoc_member_order = "bysource"
autodoc_typehints = "description"
# JSON with "..." in it is not JSON.
suppress_warnings = ["misc.highlighting_failure"]

_PAGE = re.compile(r"\]\(([\w-]+)\.(?:md|ipynb)\)")
_GROUP = re.compile(r"^## (.+)$", re.MULTILINE)


def _add_navigation(_: Sphinx, name: str, source: list[str]) -> None:
    """Make a group of the navigation from each section of the index."""
    if name != "index":
        return
    existing = {path.stem for path in Path(__file__).parent.glob("*.*")}
    parts = _GROUP.split(source[0])[1:]
    for title, text in zip(parts[::2], parts[1::2], strict=True):
        # Pages of measurements may be missing.
        pages = [page for page in _PAGE.findall(text) if page in existing]
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n"
        source[0] += "\n".join(pages) + "\n```\n"


def setup(app: Sphinx) -> None:
    """Connect the function that makes the navigation."""
    app.connect("source-read", _add_navigation)
