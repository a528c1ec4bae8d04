"""A file-like object that reads ranges of an object in a bucket."""

import io
from collections.abc import Callable


class RangeReader(io.RawIOBase):
    """A read-only file that requests exactly the bytes that are read.

    Not thread-safe, like other files.

    Parameters
    ----------
    size
        Size in bytes.
    fetch
        Called with a start and an end position; returns the bytes up to but excluding the end.
    """

    def __init__(self, size: int, fetch: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self._size, self._fetch = size, fetch
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the current position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the position, which may be beyond the end, and return it.

        Raises
        ------
        ValueError
            If the position would be negative.
        """
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"Negative seek position {start + offset}.")
        self._position = start + offset
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """Read at most `size` bytes, or by default all bytes up to the end."""
        end = self._size
        if size is not None and size >= 0:
            end = min(self._position + size, end)
        data = self._fetch(self._position, end) if end > self._position else b""
        self._position += len(data)
        return data
