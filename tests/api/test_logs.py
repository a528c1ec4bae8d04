"""Log lines other than requests."""

import json
import logging
import sys

import pytest

from spectraldb.api.logs import JsonFormatter, TextFormatter


@pytest.fixture
def record() -> logging.LogRecord:
    """Return the record of an error with a traceback."""
    try:
        float("not a number")
    except ValueError:
        error = sys.exc_info()
    return logging.LogRecord("spectraldb", logging.ERROR, "", 0, "it %s", ("failed",), error)


def test_json(record: logging.LogRecord) -> None:
    line = json.loads(JsonFormatter().format(record))
    assert (line["level"], line["message"]) == ("error", "it failed")
    assert "ValueError: could not convert" in line["traceback"]


def test_text(record: logging.LogRecord) -> None:
    text = TextFormatter().format(record)
    assert "error: it failed" in text
    assert "ValueError: could not convert" in text
