"""FITS files: access to HDUs by name and version."""

import gzip
import io
import logging
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self, cast

from spectraldb.counted import counted
from spectraldb.errors import RefusedError
from spectraldb.fits.hdu import Hdu
from spectraldb.fits.header import BLOCK_SIZE, LazyHeader, read_header
from spectraldb.fits.image import ImageHdu
from spectraldb.fits.table import TableHdu

GZIP_MAGIC = b"\x1f\x8b"
"""The first bytes of a gzip file (RFC 1952)."""

_log = logging.getLogger("spectraldb")


class FitsFile:
    """A FITS file, plain or gzipped, open for reading.

    Not thread-safe: all HDUs share one file position.

    Parameters
    ----------
    path
        Path of the file.  A gzipped file, regardless of its name, is decompressed in memory.

    Raises
    ------
    RefusedError
        If the file is empty, is not FITS, or is truncated.
    """

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = _open(path)
        try:
            self.hdus: tuple[Hdu, ...] = tuple(self._read_hdus())
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file.  Arrays that have been read remain valid."""
        self._file.close()

    @property
    def primary(self) -> Hdu:
        """The primary HDU."""
        return self.hdus[0]

    def find(self, name: str, version: int | None = None) -> Hdu | None:
        """Return the first extension with an EXTNAME (and EXTVER), or None."""
        for hdu in self.hdus:
            if hdu.name == name and version in (None, hdu.version):
                return hdu
        return None

    def image(self, name: str, version: int | None = None) -> ImageHdu | None:
        """Return the result of `find` if it is an image with data, else None."""
        hdu = self.find(name, version)
        return hdu if isinstance(hdu, ImageHdu) else None

    def table(self, name: str) -> TableHdu | None:
        """Return the result of `find` if it is a binary table, else None."""
        hdu = self.find(name)
        return hdu if isinstance(hdu, TableHdu) else None

    def images(self) -> list[ImageHdu]:
        """Return all images with data, in file order."""
        return [hdu for hdu in self.hdus if isinstance(hdu, ImageHdu)]

    def tables(self) -> list[TableHdu]:
        """Return all binary tables, in file order."""
        return [hdu for hdu in self.hdus if isinstance(hdu, TableHdu)]

    def _read_hdus(self) -> Iterator[Hdu]:
        size = self._file.seek(0, io.SEEK_END)
        if size == 0:
            raise RefusedError("The file is empty.")
        position = 0
        while position < size:
            header = read_header(self._file, position)
            if header is None:
                return
            hdu = _make_hdu(self._file, header, position + len(header.text))
            position = hdu.data_offset + -(-hdu.data_size // BLOCK_SIZE) * BLOCK_SIZE
            end = hdu.data_offset + hdu.data_size
            if end <= size < position:
                _log.warning("The last block of the file is not padded; its data are complete.")
            elif position > size:
                missing = end - size
                raise RefusedError(
                    f"The file is truncated: it is at least {counted(missing, 'byte')} too short."
                )
            yield hdu


def _make_hdu(file: BinaryIO, header: LazyHeader, data_offset: int) -> Hdu:
    hdu = Hdu(file, header, data_offset)
    if hdu.extension_type in ("PRIMARY", "IMAGE") and hdu.data_size > 0:
        return ImageHdu(file, header, data_offset)
    if hdu.extension_type == "BINTABLE" and hdu.header.get("ZIMAGE") is not True:
        return TableHdu(file, header, data_offset)
    return hdu


def is_gzip(path: Path) -> bool:
    """Return whether a file is gzipped, regardless of its name."""
    with path.open("rb") as file:
        return file.read(2) == GZIP_MAGIC


def _open(path: Path) -> BinaryIO:
    if is_gzip(path):
        try:
            return io.BytesIO(gzip.decompress(path.read_bytes()))
        except EOFError as error:
            raise RefusedError("The file is truncated: its gzip stream ends early.") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise RefusedError(f"The file is not a gzip file, or is damaged: {error}") from error
    return cast("BinaryIO", path.open("rb"))
