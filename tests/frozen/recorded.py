"""Comparison with values recorded in JSON files of this folder."""

import difflib
import json
import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
RECORD = "SPECTRALDB_TEST_RECORD"
WIDTH = 100


def check(name: str, found: object) -> None:
    """Assert that a value equals the recorded one; or record it, and skip the test."""
    path = FOLDER / f"{name}.json"
    text = pretty(found) + "\n"
    if os.environ.get(RECORD):
        path.write_text(text, "utf-8")
        pytest.skip(f"{path.name} is recorded")
    recorded = path.read_text("utf-8")
    assert json.loads(text) == json.loads(recorded), f"{name} has changed:\n" + "\n".join(
        difflib.unified_diff(recorded.splitlines(), text.splitlines(), lineterm="", n=1)
    )


def pretty(value: object, indent: int = 0) -> str:
    """Return a value as JSON, with each part on one line if it fits."""
    flat = json.dumps(value, ensure_ascii=False)
    if indent + len(flat) <= WIDTH or not isinstance(value, dict | list):
        return flat
    inner = indent + 2
    if isinstance(value, dict):
        parts = [f"{json.dumps(str(k))}: {pretty(v, inner)}" for k, v in value.items()]
    else:
        parts = [pretty(v, inner) for v in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines = ",\n".join(" " * inner + part for part in parts)
    return f"{opening}\n{lines}\n{' ' * indent}{closing}"


def shape(value: object) -> object:
    """Return the keys of a JSON value, with types instead of values.

    A list is represented by its first element.
    """
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    return "string" if isinstance(value, str) else "number"
