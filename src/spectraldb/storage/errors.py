"""One-line summaries of errors from stores and from libraries that use them."""

import re

_COLOUR = re.compile(r"\x1b\[\d*m")
_MESSAGE = re.compile(r"<Message>(.*?)</Message>", re.DOTALL)
_MAX_CHARACTERS = 300


def error_summary(error: Exception) -> str:
    """Return the message from the store, or else the last cause, in at most 300 characters."""
    text = _COLOUR.sub("", str(error)).split("\n\nDebug source:")[0]
    if message := _MESSAGE.search(text):
        return message[1]
    causes = [" ".join(cause.split()) for cause in text.split("↳")]
    last = next((cause for cause in reversed(causes) if cause), type(error).__name__)
    if "Error performing" in last:
        # The cause follows the request, its duration and the number of retries.
        last = last.rsplit(" - ", 1)[-1]
    return last[:_MAX_CHARACTERS]
