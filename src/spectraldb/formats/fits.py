"""FITS: a binary table, whose rows are streamed after its header."""

from collections.abc import Iterator

import numpy as np

from spectraldb.fits.header import BLOCK_SIZE
from spectraldb.formats.records import NO_INT, NO_LONG, Records
from spectraldb.results import TableStream

_FORMS = {"float": "D", "float32": "E", "int": "J", "long": "K", "bool": "L"}
_NULLS = {"int": NO_INT, "long": NO_LONG}


def fits(answer: TableStream) -> Iterator[bytes]:
    """Yield a FITS file with one binary table; units are TUNITn, descriptions TCOMMn."""
    records = Records(answer)
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
    primary = afits.PrimaryHDU().header
    text: str = primary.tostring() + table.header.tostring()
    return text.encode("ascii", "replace")
