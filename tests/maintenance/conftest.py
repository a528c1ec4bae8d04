"""Files of small products."""

from pathlib import Path

import pytest

from tests.support.machines import write_products


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Return 12 files with one small product each."""
    return write_products(tmp_path, 12)
