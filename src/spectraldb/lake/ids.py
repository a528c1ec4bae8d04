"""Product numbers, which are unique without coordination and increase with time."""

import secrets
import time

_EPOCH_MS = 1_577_836_800_000  # 2020-01-01 UTC
_WRITER_BITS = 22


class ProductIds:
    """Generator of product numbers: milliseconds since 2020, then 22 random bits of this writer.

    Two writers generate the same number only if they do so in the same millisecond and drew the
    same random bits, which has a probability of one in four million.  Not thread-safe.
    """

    def __init__(self) -> None:
        self._writer = secrets.randbits(_WRITER_BITS)
        self._last = 0

    def next(self) -> int:
        """Return a number that is larger than all previous numbers of this writer."""
        self._last = max(self._last + 1, time.time_ns() // 1_000_000 - _EPOCH_MS)
        return (self._last << _WRITER_BITS) | self._writer
