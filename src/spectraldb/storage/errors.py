"""What a store, or a library that asks it, says in many lines is told in one."""

import re

_COLOUR = re.compile(r"\x1b\[\d*m")
_TOLD = re.compile(r"<Message>(.*?)</Message>", re.DOTALL)
_MOST_CHARACTERS = 300


def error_summary(error: Exception) -> str:
    """Return why something failed: what the store said, or the last of a chain of causes."""
    text = _COLOUR.sub("", str(error)).split("\n\nDebug source:")[0]
    if told := _TOLD.search(text):
        return told[1]
    causes = [" ".join(cause.split()) for cause in text.split("↳")]
    last = next((cause for cause in reversed(causes) if cause), type(error).__name__)
    if "Error performing" in last:
        # What was asked, how long it took and how often it was tried come before the reason.
        last = last.rsplit(" - ", 1)[-1]
    return last[:_MOST_CHARACTERS]
