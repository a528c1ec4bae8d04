"""Reading ranges of an object as if it were a file."""

import io
from collections.abc import Callable


class RangeReader(io.RawIOBase):
    """A read-only file that requests exactly the bytes that are read.

    It belongs to one thread, as other files do.

    Parameters
    ----------
    size
        Size in bytes.
    fetch
        Return the bytes from a first position to that behind the last.
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
        """Return the position of the next byte to be read."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the position, which may be behind the end, and return it.

        Raises
        ------
        ValueError
            If it would be negative.
        """
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"Negative seek position {start + offset}.")
        self._position = start + offset
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes, at most `size`, or all up to the end by default."""
        end = self._size
        if size is not None and size >= 0:
            end = min(self._position + size, end)
        data = self._fetch(self._position, end) if end > self._position else b""
        self._position += len(data)
        return data
