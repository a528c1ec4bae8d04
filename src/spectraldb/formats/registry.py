"""The formats of a search's answer, once: endings, media types and documentation come from here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from spectraldb.errors import BadQueryError
from spectraldb.formats import columnar
from spectraldb.formats.fits import fits
from spectraldb.formats.votable import votable
from spectraldb.results import TableStream

Writer = Callable[[TableStream], Iterator[bytes]]


class Known(Protocol):
    """A format that can be asked for."""

    @property
    def name(self) -> str:
        """Its name, which is also the ending of files."""

    @property
    def media_type(self) -> str:
        """What HTTP calls it."""


AnyFormat = TypeVar("AnyFormat", bound=Known)


@dataclass(frozen=True)
class Format:
    """A format: how it is asked for, and what writes it."""

    name: str
    media_type: str
    description: str
    write: Writer | None = None
    """None for JSON, which comes in pages; the others come whole, as a stream."""


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("json", "application/json", "objects in pages, as the archive answers"),
        Format("csv", "text/csv", "comma-separated values", columnar.csv),
        Format(
            "arrow", "application/vnd.apache.arrow.stream", "an Arrow IPC stream", columnar.arrow
        ),
        Format("votable", "application/x-votable+xml", "a VOTable (BINARY2)", votable),
        Format("fits", "application/fits", "a FITS binary table", fits),
        Format("parquet", "application/vnd.apache.parquet", "a Parquet file", columnar.parquet),
    )
}


def choose(
    known: Mapping[str, AnyFormat], ending: str | None, asked: str | None, accept: str | None
) -> AnyFormat:
    """Return one of the formats known: by ending, else by `format=`, else by Accept, else JSON.

    Raises
    ------
    BadQueryError
        If there is no such format, or ending and `format=` differ.
    """
    names = {name.lower() for name in (ending, asked) if name}
    if len(names) > 1:
        raise BadQueryError(f"format: the ending says {ending}, format says {asked}")
    for name in names:
        if name not in known:
            raise BadQueryError(f"format: there is no {name!r}; there are {', '.join(known)}")
        return known[name]
    return _accepted(known, accept or "")


def _accepted(known: Mapping[str, AnyFormat], accept: str) -> AnyFormat:
    """Return the first format that a client accepts by name, the most wanted first."""
    wanted = sorted(map(_quality, accept.split(",")), key=lambda pair: -pair[1])
    by_type = {each.media_type: each for each in known.values()}
    return next((by_type[name] for name, q in wanted if name in by_type and q > 0), known["json"])


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
