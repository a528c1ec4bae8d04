"""VOTable 1.4 (IVOA), rows in BINARY2."""

import base64
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from spectraldb.arrays import Array
from spectraldb.formats.records import Records
from spectraldb.results import TableStream, TextSize
from spectraldb.schema.column import Column

_TYPES = {"float": "double", "float32": "float", "int": "int", "long": "long", "bool": "boolean"}


class VotableText:
    """Texts as `char`, which is ASCII, or as `unicodeChar`, which is UTF-16 (VOTable 1.4, 2.1)."""

    def width(self, size: TextSize) -> int:
        """Return the bytes of a column, which has at least one character."""
        return characters(size) * (1 if size.is_ascii else 2)

    def encode(self, text: str, size: TextSize) -> bytes:
        """Return a text in the encoding of its column."""
        return text.encode("ascii" if size.is_ascii else "utf-16-be")


def characters(size: TextSize) -> int:
    """Return the characters of a column; no text has more of them than bytes in UTF-8."""
    return max(1, size.longest)


def votable(answer: TableStream) -> Iterator[bytes]:
    """Yield a VOTable, with unit, UCD and description of fields, and flags of missing values."""
    records = Records(answer, VotableText())
    yield _head(answer, records).encode()
    rest = b""
    for rows, missing in records.batches():
        data = rest + _binary2(rows, missing)
        whole = len(data) - len(data) % 3  # base64 turns three bytes into four letters
        rest = data[whole:]
        yield base64.b64encode(data[:whole])
    yield base64.b64encode(rest)
    yield b"</STREAM></BINARY2></DATA></TABLE></RESOURCE></VOTABLE>\n"


def _binary2(rows: Array, missing: Array) -> bytes:
    """Return rows, each after the flags of its missing values."""
    flags = np.packbits(missing, axis=1)
    body = rows.view("u1").reshape(len(rows), -1)
    return np.concatenate([flags, body], axis=1).tobytes()


def _head(answer: TableStream, records: Records) -> str:
    fields = "".join(_field(answer, records, n, c) for n, c in answer.columns.items())
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
        '<RESOURCE type="results"><INFO name="QUERY_STATUS" value="OK"/>'
        f"{_info('query', answer.sql)}{_info('version', answer.version)}"
        f"{_info('excluded', answer.excluded)}"
        f'<TABLE nrows="{records.size[0]}">{fields}<DATA><BINARY2><STREAM encoding="base64">'
    )


def _info(name: str, value: object) -> str:
    """Return an INFO element; nothing if there is no value."""
    return f"<INFO name={quoteattr(name)} value={quoteattr(str(value))}/>" if value else ""


def _field(answer: TableStream, records: Records, name: str, column: Column) -> str:
    attributes = {"name": name, "datatype": _TYPES.get(column.dtype, "")}
    if column.dtype == "string":
        size = records.texts(name)
        attributes["datatype"] = "char" if size.is_ascii else "unicodeChar"
        attributes["arraysize"] = str(characters(size))
    if column.ucd:
        attributes["ucd"] = column.ucd
    if answer.unit(column):
        attributes["unit"] = answer.unit(column)
    text = " ".join(f"{key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<FIELD {text}><DESCRIPTION>{escape(column.description)}</DESCRIPTION></FIELD>"
