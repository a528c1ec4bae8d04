"""An object of a bucket as a file of which parts are read, each when it is asked for."""

import io
from collections.abc import Callable


class RangeReader(io.RawIOBase):
    """A file that asks for the bytes that are read of it, and for no more.

    Parameters
    ----------
    size
        How many bytes it has.
    read
        Returns the bytes from a place to another.
    """

    def __init__(self, size: int, read: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self._size, self._read = size, read
        self._at = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read anywhere."""
        return True

    def tell(self) -> int:
        """Return where it is read next."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another place."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = start + offset
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Return the bytes that follow, so many at most."""
        end = self._size if size is None or size < 0 else min(self._at + size, self._size)
        data = self._read(self._at, end) if end > self._at else b""
        self._at += len(data)
        return data
