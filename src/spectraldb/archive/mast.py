"""What the archive lists, asked with astroquery."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spectraldb.errors import ArchiveError, BadQueryError
from spectraldb.products.names import MAST_PREFIX, parse_level3
from spectraldb.schema.tables import PRODUCT_TYPES

AT_ONCE = 100
"""How many observations the products are asked for of in one request."""

PUBLIC = "PUBLIC"


@dataclass(frozen=True)
class Wanted:
    """Which products are wanted; what is not said is not asked."""

    uris: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    target: str | None = None
    """The proposer's name of the target; `*` stands for anything."""
    place: str | None = None
    """A position, or the name of an object that name services know."""
    radius: str = "0.01 deg"
    instrument: str | None = None
    product_types: frozenset[str] = PRODUCT_TYPES

    def check(self) -> None:
        """Raise BadQueryError if nothing is said, or a type is none."""
        unknown = self.product_types - PRODUCT_TYPES
        if unknown or not self.product_types:
            known = ", ".join(sorted(PRODUCT_TYPES))
            raise BadQueryError(f"--type: {', '.join(sorted(unknown))!r} is not of {known}")
        if not (self.uris or self.programs or self.target or self.place or self.instrument):
            raise BadQueryError(
                "say what to fetch: URIs, --program, --target, --around or --instrument"
            )


@dataclass(frozen=True)
class Listed:
    """A product that the archive has."""

    uri: str
    size: int | None
    """In bytes; None where the archive does not say."""
    version: str
    """Of the calibration, as the archive writes it."""
    public: bool
    """Whether anyone may have it; else a token is needed."""

    @property
    def file_name(self) -> str:
        """The name of its file."""
        return self.uri.rsplit("/", 1)[-1]

    @property
    def product_type(self) -> str:
        """Its kind."""
        name = parse_level3(self.file_name)
        return name.product_type if name else ""


class Archive:
    """The archive, as astroquery asks it.

    Parameters
    ----------
    address
        Of the archive's server.
    """

    def __init__(self, address: str) -> None:
        from astroquery.mast import ObservationsClass  # noqa: PLC0415 - takes a second

        self.address = address.rstrip("/")
        self._observations = ObservationsClass()
        portal = self._observations._portal_api_connection  # noqa: SLF001 - the only way to say it
        portal.MAST_REQUEST_URL = f"{self.address}/api/v0/invoke"
        portal.COLUMNS_CONFIG_URL = f"{self.address}/portal/Mashup/Mashup.asmx/columnsconfig"

    def list(self, wanted: Wanted) -> list[Listed]:
        """Return the products that are wanted, each once, in the archive's order.

        Raises
        ------
        ArchiveError
            If the archive does not answer, or not as it should.
        """
        found: dict[str, Listed] = {}
        if wanted.uris:
            roots = sorted({_root(uri) for uri in wanted.uris})
            named = {each.uri: each for each in self._products({"obs_id": roots})}
            # One that is not listed may be there all the same: asking for it will tell.
            found |= {u: named.get(u, Listed(u, None, "", public=True)) for u in wanted.uris}
        criteria = _criteria(wanted)
        if criteria:
            for each in self._products(criteria):
                if each.product_type in wanted.product_types:
                    found[each.uri] = each
        return list(found.values())

    def has(self, uri: str) -> bool:
        """Return whether the archive still lists a product."""
        return any(each.uri == uri for each in self._products({"obs_id": [_root(uri)]}))

    def _products(self, criteria: dict[str, Any]) -> Iterator[Listed]:
        observations = self._ask(
            self._observations.query_criteria, obs_collection="JWST", **criteria
        )
        ids = list(dict.fromkeys(str(row["obsid"]) for row in observations))
        for start in range(0, len(ids), AT_ONCE):
            rows = self._ask(self._observations.get_product_list, ids[start : start + AT_ONCE])
            yield from _listed(rows)

    def _ask(self, ask: Any, *words: Any, **more: Any) -> Any:  # noqa: ANN401 - tables of astropy
        from astroquery.exceptions import RemoteServiceError, ResolverError  # noqa: PLC0415
        from requests import RequestException  # noqa: PLC0415

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that there are no results is told otherwise
                return ask(*words, **more)
        except ResolverError as error:
            raise BadQueryError(f"--around: {error}") from error
        except (RequestException, RemoteServiceError, TimeoutError) as error:
            raise ArchiveError(f"{self.address} does not answer as it should: {error}") from error


def _criteria(wanted: Wanted) -> dict[str, Any]:
    criteria: dict[str, Any] = {}
    if wanted.programs:
        criteria["proposal_id"] = [program.lstrip("0") for program in wanted.programs]
    if wanted.target:
        criteria["target_name"] = wanted.target
    if wanted.instrument:
        # The archive writes the mode behind it, as in NIRSPEC/MSA.
        criteria["instrument_name"] = f"{wanted.instrument.upper()}*"
    if wanted.place:
        criteria |= _around(wanted.place, wanted.radius)
    return {**criteria, "calib_level": [3]} if criteria else {}


def _around(place: str, radius: str) -> dict[str, Any]:
    """Return a cone: around a position that can be read as one, else around an object's."""
    from astropy import units as u  # noqa: PLC0415
    from astropy.coordinates import Angle, SkyCoord  # noqa: PLC0415

    try:
        size = Angle(radius)
    except (ValueError, u.UnitsError) as error:
        raise BadQueryError(f"--radius: {radius!r} is no angle; write it as in 30arcsec") from error
    try:
        hours = ":" in place.split(maxsplit=1)[0] or "h" in place.split(maxsplit=1)[0]
        units = (u.hourangle, u.deg) if hours else (u.deg, u.deg)
        return {"coordinates": SkyCoord(place, unit=units), "radius": size}
    except (ValueError, IndexError):
        return {"objectname": place, "radius": size}


def _listed(rows: Iterable[Any]) -> Iterator[Listed]:
    for row in rows:
        uri = str(row["dataURI"])
        if not uri.startswith(MAST_PREFIX) or parse_level3(uri.removeprefix(MAST_PREFIX)) is None:
            continue
        size = row["size"]
        yield Listed(
            uri=uri,
            size=int(size) if str(size).isdigit() else None,
            version=_text(row["prvversion"]),
            public=_text(row["dataRights"]) in (PUBLIC, ""),
        )


def _text(value: object) -> str:
    text = str(value)
    return "" if text in ("--", "None", "nan") else text


def _root(uri: str) -> str:
    """Return what the archive calls the observation of a product: its name without the kind."""
    return uri.rsplit("/", 1)[-1].rsplit("_", 1)[0]


def read_uris(words: Sequence[str]) -> tuple[str, ...]:
    """Return the URIs of products that are named by URI or by file name.

    Raises
    ------
    BadQueryError
        If one is no name of a level-3 product.
    """
    uris = []
    for word in words:
        name = word.removeprefix(MAST_PREFIX)
        if parse_level3(name) is None or name.endswith(".gz"):
            raise BadQueryError(f"{word!r} is no level-3 product, such as {MAST_PREFIX}{_EXAMPLE}")
        uris.append(MAST_PREFIX + name)
    return tuple(dict.fromkeys(uris))


_EXAMPLE = "jw01128-o002_t016_nirspec_prism-clear_x1d.fits"
