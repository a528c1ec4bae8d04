"""Files of small products, to ingest one at a time."""

from pathlib import Path

import pytest

from tests.support.machines import write_products


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Give 12 files of one small product each."""
    return write_products(tmp_path, 12)
