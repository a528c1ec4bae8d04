"""FITS: a binary table, whose rows are streamed after its header."""

from collections.abc import Iterator

import numpy as np

from spectraldb.fits.header import BLOCK_SIZE
from spectraldb.formats.ascii_text import GROWTH, to_ascii
from spectraldb.formats.records import NO_INT, NO_LONG, Records
from spectraldb.results import TableStream, TextSize

_FORMS = {"float": "D", "float32": "E", "int": "J", "long": "K", "bool": "L"}
_NULLS = {"int": NO_INT, "long": NO_LONG}


class FitsText:
    """Texts in ASCII, which is all that FITS allows; other letters are transliterated."""

    def width(self, size: TextSize) -> int:
        """Return the bytes of a column, with space for transliterations."""
        return max(1, size.longest * (1 if size.is_ascii else GROWTH))

    def encode(self, text: str, size: TextSize) -> bytes:  # noqa: ARG002 - as in `Encoding`
        """Return a text in ASCII."""
        return to_ascii(text).encode("ascii")


def fits(answer: TableStream) -> Iterator[bytes]:
    """Yield a FITS file with one binary table; units are TUNITn, descriptions TCOMMn."""
    records = Records(answer, FitsText())
    yield _header(answer, records)
    size = 0
    for rows, _ in records.batches():
        size += rows.nbytes
        yield rows.tobytes()
    yield bytes(-size % BLOCK_SIZE)


def _header(answer: TableStream, records: Records) -> bytes:
    from astropy.io import fits as afits  # noqa: PLC0415 - only this format needs it

    columns = [
        afits.Column(
            name,
            _FORMS.get(column.dtype) or f"{records.width(name)}A",
            unit=answer.unit(column) or None,
            null=_NULLS.get(column.dtype),
            array=np.zeros(0, records.dtype[name]),
        )
        for name, column in answer.columns.items()
    ]
    table = afits.BinTableHDU.from_columns(columns, name=answer.name)
    table.header["NAXIS2"] = records.size[0]
    for i, column in enumerate(answer.columns.values(), 1):
        table.header[f"TCOMM{i}"] = column.description
        table.header[f"TUCD{i}"] = column.ucd
    if answer.version is not None:
        table.header["DBVERS"] = (answer.version, "version of the lake")
    if answer.excluded:
        table.header.add_comment(to_ascii(answer.excluded))
    primary = afits.PrimaryHDU().header
    text: str = primary.tostring() + table.header.tostring()
    return to_ascii(text).encode("ascii")
