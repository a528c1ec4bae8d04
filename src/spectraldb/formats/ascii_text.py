"""Transliteration of text to ASCII, for formats that allow nothing else."""

from functools import cache

GROWTH = 2
"""Enough for a syllable, such as Xing, of a character of three bytes."""


def to_ascii(text: str) -> str:
    """Return text in ASCII: letters of other scripts become the nearest Latin ones.

    The result has at most `GROWTH` times as many characters as the text has bytes in UTF-8.  A
    character whose transliteration would be longer, or that has none, becomes ``?``.
    """
    return text if text.isascii() else "".join(map(_character, text))


@cache
def _character(character: str) -> str:
    from anyascii import anyascii  # noqa: PLC0415 - few texts need it

    latin: str = anyascii(character)
    limit = GROWTH * len(character.encode("utf-8", "replace"))
    return latin if 0 < len(latin) <= limit else "?"
