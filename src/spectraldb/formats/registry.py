"""The table of result formats, from which suffixes, media types and documentation are made."""

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
    """A format of results."""

    name: str
    """Also the suffix of files."""
    media_type: str
    description: str
    table: TableWriter | None = None
    """Writes a table; None for JSON, which is paged, and for formats that only hold arrays."""
    arrays: ArraysWriter | None = None
    """Writes arrays; None if `table` writes them as a row per pixel."""

    def write_arrays(self, result: ArraysResult) -> Iterator[bytes]:
        """Yield arrays in this format; errors are raised before the first bytes.

        Raises
        ------
        BadQueryError
            If the arrays do not fit the format.
        """
        if self.arrays is not None:
            return self.arrays(result)
        if self.table is None:
            raise BadQueryError(f"format: {self.name} cannot hold arrays.")
        return self.table(pixel_table(result))


ARRAY_FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format(
            "json",
            "application/json",
            "JSON objects, as in the archive's API; searches are paged",
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
        Format(
            "npz", "application/x-npz", "a NumPy archive, with the arrays of the file", None, npz
        ),
    )
}
"""All formats, which a retrieval supports."""

FORMATS: dict[str, Format] = {
    name: each for name, each in ARRAY_FORMATS.items() if each.arrays is not npz
}
"""The formats of searches and statistics, which can hold text and nulls."""


def choose(
    formats: Mapping[str, Format], ending: str | None, requested: str | None, accept: str | None
) -> Format:
    """Return the format selected by suffix, `format=` or Accept, in that order; JSON by default.

    Raises
    ------
    BadQueryError
        If the format is unknown, or suffix and `format=` differ.
    """
    names = {name.lower() for name in (ending, requested) if name}
    if len(names) > 1:
        raise BadQueryError(
            f"format: {requested} contradicts the suffix .{ending}. Remove one of them."
        )
    for name in names:
        if name not in formats:
            raise BadQueryError(f"format: Unknown format {name!r}. Formats: {', '.join(formats)}.")
        return formats[name]
    return _accepted(formats, accept or "")


def _accepted(formats: Mapping[str, Format], accept: str) -> Format:
    """Return the known format with the highest quality in an Accept header."""
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
