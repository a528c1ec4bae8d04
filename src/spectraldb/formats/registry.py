"""The formats of results, once: endings, media types and documentation come from this table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from spectraldb.errors import BadQueryError
from spectraldb.formats import columnar
from spectraldb.formats.fits import fits
from spectraldb.formats.json import arrays_json
from spectraldb.formats.npz import npz
from spectraldb.formats.pixel_table import pixel_table
from spectraldb.formats.votable import votable
from spectraldb.results import ArraysResult, TableStream

TableWriter = Callable[[TableStream], Iterator[bytes]]
ArraysWriter = Callable[[ArraysResult], Iterator[bytes]]


@dataclass(frozen=True)
class Format:
    """A format: its name, and how it is written."""

    name: str
    """It is also the ending of files."""
    media_type: str
    description: str
    table: TableWriter | None = None
    """Writes a table; None for JSON, which comes in pages, and for formats of arrays alone."""
    arrays: ArraysWriter | None = None
    """Writes arrays where they are not written as a table with a row for each pixel."""

    def write_arrays(self, result: ArraysResult) -> Iterator[bytes]:
        """Yield arrays in this format; what cannot be written raises before the first bytes.

        Raises
        ------
        BadQueryError
            If the arrays do not fit the format.
        """
        if self.arrays is not None:
            return self.arrays(result)
        if self.table is None:
            raise BadQueryError(f"format: {self.name} does not hold arrays")
        return self.table(pixel_table(result))


ARRAY_FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format(
            "json",
            "application/json",
            "objects in pages, as the archive answers",
            None,
            arrays_json,
        ),
        Format("csv", "text/csv", "comma-separated values", columnar.csv),
        Format(
            "arrow",
            "application/vnd.apache.arrow.stream",
            "an Arrow IPC stream",
            columnar.arrow,
        ),
        Format("votable", "application/x-votable+xml", "a VOTable (BINARY2)", votable),
        Format("fits", "application/fits", "a FITS binary table", fits),
        Format("parquet", "application/vnd.apache.parquet", "a Parquet file", columnar.parquet),
        Format("npz", "application/x-npz", "a NumPy archive: arrays as in the file", None, npz),
    )
}
"""All formats: those of a retrieval."""

FORMATS: dict[str, Format] = {
    name: each for name, each in ARRAY_FORMATS.items() if each.arrays is not npz
}
"""The formats of searches and of derived statistics, which hold text and nulls."""


def choose(
    formats: Mapping[str, Format], ending: str | None, requested: str | None, accept: str | None
) -> Format:
    """Return a format: by ending, else by `format=`, else by Accept, else JSON.

    Raises
    ------
    BadQueryError
        If there is no such format, or ending and `format=` differ.
    """
    names = {name.lower() for name in (ending, requested) if name}
    if len(names) > 1:
        raise BadQueryError(f"format: the ending says {ending}, format says {requested}")
    for name in names:
        if name not in formats:
            raise BadQueryError(f"format: there is no {name!r}; there are {', '.join(formats)}")
        return formats[name]
    return _accepted(formats, accept or "")


def _accepted(formats: Mapping[str, Format], accept: str) -> Format:
    """Return the format with the highest quality among those that a client accepts by name."""
    ranges = sorted(map(_quality, accept.split(",")), key=lambda pair: -pair[1])
    by_type = {each.media_type: each for each in formats.values()}
    return next((by_type[name] for name, q in ranges if name in by_type and q > 0), formats["json"])


def _quality(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in text.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key == "q":
            try:
                return name.lower(), float(value)
            except ValueError:
                return name.lower(), 0.0
    return name.lower(), 1.0
