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
myst_heading_anchors = 4
nb_execution_mode = "off"  # a test runs the notebook
autodoc_member_order = "bysource"
autodoc_typehints = "description"
# JSON with "..." in it is not JSON.
suppress_warnings = ["misc.highlighting_failure"]

_PAGE = re.compile(r"\]\(([\w-]+)\.(?:md|ipynb)\)")


def _add_contents(_: Sphinx, name: str, source: list[str]) -> None:
    """Make the list of pages in the index the site's table of contents."""
    if name != "index":
        return
    there = {path.stem for path in Path(__file__).parent.glob("*.*")}
    pages = [page for page in dict.fromkeys(_PAGE.findall(source[0])) if page in there]
    source[0] += "\n```{toctree}\n:hidden:\n\n" + "\n".join(pages) + "\n```\n"


def setup(app: Sphinx) -> None:
    """Join in."""
    app.connect("source-read", _add_contents)
