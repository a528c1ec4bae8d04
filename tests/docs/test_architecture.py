"""The modules that the architecture page names exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:\w+/)+\w+\.py)`", PAGE))))
def test_named_modules_exist(path: str) -> None:
    assert (ROOT / "src" / "spectraldb" / path).is_file() or (ROOT / path).is_file()
