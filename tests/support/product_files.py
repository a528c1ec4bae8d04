"""Product files for tests that hold for every file: a generated one of each layout, the real ones.

Without the real files these tests run on the generated ones alone, and none is skipped.
"""

from pathlib import Path

import pytest

from tests.conftest import real_paths
from tests.support.layouts import LAYOUTS, Layout, write_layout

ProductFile = Layout | Path


def _name(source: ProductFile) -> str:
    return source.name if isinstance(source, Path) else source.key


def for_files(*product_types: str) -> pytest.MarkDecorator:
    """Return a mark that runs a test for each product file, as its argument `source`.

    Parameters
    ----------
    product_types
        Those wanted of the generated files, and the ends of real file names; all if none is given.
    """
    generated = [x for x in LAYOUTS if not product_types or x.product_type in product_types]
    ends = tuple(f"_{product_type}.fits" for product_type in product_types)
    real = [path for path in real_paths() if not ends or path.name.endswith(ends)]
    return pytest.mark.parametrize("source", [*generated, *real], ids=_name)


def path_of(source: ProductFile, folder: Path) -> Path:
    """Return the path of a product file; a generated one is written to the folder first."""
    return source if isinstance(source, Path) else write_layout(source, folder)
