"""Product files for tests that apply to all files: one generated per layout, and the real ones.

Without the real files, these tests run on the generated files only, and none is skipped.
"""

from collections.abc import Collection
from pathlib import Path

import pytest

from tests.conftest import real_paths
from tests.support.layouts import LAYOUTS, Layout, write_layout

ProductFile = Layout | Path


def _name(source: ProductFile) -> str:
    return source.name if isinstance(source, Path) else source.key


def _type_of(path: Path) -> str:
    found = (kind for kind in ("x1dints", "c1d", "s2d", "s3d") if kind in path.name)
    return next(found, "x1d")


def for_files(*product_types: str, without: Collection[str] = ()) -> pytest.MarkDecorator:
    """Return a mark that runs a test for each product file, as its argument `source`.

    Parameters
    ----------
    product_types
        Types of the files; all by default.
    """
    generated = [
        layout
        for layout in LAYOUTS
        if layout.key not in without and (not product_types or layout.product_type in product_types)
    ]
    real = [x for x in real_paths() if not product_types or _type_of(x) in product_types]
    return pytest.mark.parametrize("source", [*generated, *real], ids=_name)


def path_of(source: ProductFile, folder: Path) -> Path:
    """Return the path of a product file; a generated one is written to the folder first."""
    return source if isinstance(source, Path) else write_layout(source, folder)


LAKES = ["layouts", "real"] if real_paths() else ["layouts"]
"""Fixtures of lakes with the generated files, and with the real ones if they are available."""
