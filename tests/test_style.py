"""Checks that ruff lacks: each noqa has a reason, and the formatter is never switched off."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for folder in ("src", "tests", "bench", "scripts")
    for path in (ROOT / folder).rglob("*.py")
)
_WITHOUT_REASON = re.compile(r"# noqa(?::[A-Z0-9, ]+)?\s*$")
_UNFORMATTED = re.compile(r"#\s*fmt\s*:")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_exceptions_have_a_reason(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert not [line for line in lines if _WITHOUT_REASON.search(line) or _UNFORMATTED.search(line)]
