"""Identifiers use the terms of the field, not the project's old vocabulary."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

REPLACEMENTS = {
    "told": "metadata, message or report",
    "tell": "report, or `Return whether` in a docstring",
    "anew": "again or rebuilt",
    "places": "positions, or row_index",
    "turns": "ranks",
    "which": "mask, or segment_index",
    "words": "parameters, arguments or allowed_values",
    "asked": "requested",
    "taken": "ingested, or values",
    "gone": "missing, deleted or disconnected",
    "kept": "stored, cached or remaining",
    "alone": "exclusive or single",
    "bring": "localize or download",
    "passing": "temporary",
    "glance": "poll",
    "narrowed": "pruned",
    "everything": "all, or unlimited",
}
"""Parts of identifiers that are no longer used, each with its replacement."""

ALLOWED = {
    "FileGoneError": "a public name, from 410 Gone",
    "tell": "a method of files in Python",
}
"""Names that are defined elsewhere, each with its origin."""

_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_JS_TEXT = re.compile(r"/\*.*?\*/|//[^\n]*|`(?:\\.|[^`\\])*`|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_JS_NAME = re.compile(r"[A-Za-z_$][\w$]*")

PYTHON = sorted(
    path
    for folder in ("src", "tests", "bench", "scripts")
    for path in (ROOT / folder).rglob("*.py")
)
SCRIPTS = sorted((ROOT / "src").rglob("*.js"))


def python_names(text: str) -> Iterator[str]:
    """Yield the names that Python code defines: functions, classes, arguments and variables."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def script_names(text: str) -> Iterator[str]:
    """Yield the names in JavaScript, without those in comments and strings."""
    yield from _JS_NAME.findall(_JS_TEXT.sub(" ", text))


def with_replacements(names: Iterator[str]) -> dict[str, str]:
    """Return the names of the old vocabulary among names, each with its replacement."""
    return {
        name: REPLACEMENTS[part.lower()]
        for name in names
        if name not in ALLOWED
        for part in _PARTS.findall(name)
        if part.lower() in REPLACEMENTS
    }


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_names(path: Path) -> None:
    assert with_replacements(python_names(path.read_text("utf-8"))) == {}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_javascript_names(path: Path) -> None:
    assert with_replacements(script_names(path.read_text("utf-8"))) == {}
