"""A small product to ingest."""

from pathlib import Path

import pytest

from tests.ingest.products import BY_KEY
from tests.support.layouts import write_layout


@pytest.fixture
def x1d(tmp_path: Path) -> Path:
    """Return a file with a level-3 name."""
    return write_layout(BY_KEY["x1d-mos"], tmp_path)
