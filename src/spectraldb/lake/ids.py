"""Product numbers: unique without coordination, and increasing with time."""

import secrets
import time

_EPOCH_MS = 1_577_836_800_000  # 2020-01-01 UTC
_WRITER_BITS = 22


class ProductIds:
    """Generates product numbers: milliseconds since 2020, then the random number of this writer.

    Two writers at the same time can only generate the same number if they drew the same 22 random
    bits, which is one chance in four million.  One thread may use it.
    """

    def __init__(self) -> None:
        self._writer = secrets.randbits(_WRITER_BITS)
        self._last = 0

    def next(self) -> int:
        """Return a number above all numbers of this writer so far."""
        self._last = max(self._last + 1, time.time_ns() // 1_000_000 - _EPOCH_MS)
        return (self._last << _WRITER_BITS) | self._writer
