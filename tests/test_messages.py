"""Messages are plain sentences, and tests/messages.txt lists them all."""

import os
import re
from pathlib import Path

import pytest

from spectraldb.counted import counted
from tests.support.messages import Message, messages, table

TABLE = Path(__file__).parent / "messages.txt"

_START = re.compile(r"(?:[\w.-]+: |\{[\w. ]+\}: |--[\w-]+: |error: )*(?:[A-Z{`'\[]|$)")
"""A sentence, which may be led by the name of a parameter, an option or a file."""
_END = re.compile(r"(?:[.?]|\{[^{}]*\}|\))$")
"""A full stop, or the text of another error."""


def test_table_of_messages() -> None:
    if os.environ.get("SPECTRALDB_TEST_RECORD"):
        TABLE.write_text(table(), "utf-8")
        pytest.skip("messages.txt is recorded")
    assert TABLE.read_text("utf-8") == table(), (
        "run `SPECTRALDB_TEST_RECORD=1 .venv/bin/python -m pytest tests/test_messages.py`"
    )


@pytest.mark.parametrize(
    "message",
    [each for each in messages() if each.kind.endswith("Error") and each.kind != "ValueError"],
    ids=lambda each: f"{each.file}-{each.text[:30]}",
)
def test_message_is_a_sentence(message: Message) -> None:
    assert _START.match(message.text), message
    assert _END.search(message.text), message
    assert "  " not in message.text, message


def test_counts_agree_with_their_nouns() -> None:
    assert counted(1, "pixel") == "1 pixel"
    assert counted(0, "pixel") == "0 pixels"
    assert counted(1200, "spectrum", "spectra") == "1,200 spectra"
