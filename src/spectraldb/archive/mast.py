"""Query the archive (MAST) for products with astroquery."""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from spectraldb.archive.query import ArchiveQuery
from spectraldb.errors import ArchiveError, BadQueryError
from spectraldb.products.names import MAST_PREFIX, parse_level3

OBSERVATIONS_PER_REQUEST = 100
"""Number of observations per request for their products."""

PUBLIC = "PUBLIC"


@dataclass(frozen=True)
class ArchiveProduct:
    """A product in the archive."""

    uri: str
    size: int | None
    """Size in bytes; None if the archive does not list it."""
    version: str
    """Version of the calibration pipeline, as the archive writes it."""
    public: bool
    """Whether it can be downloaded without a token."""

    @property
    def file_name(self) -> str:
        """Name of the file."""
        return self.uri.rsplit("/", 1)[-1]

    @property
    def product_type(self) -> str:
        """Product type, such as x1d; empty if the name is not a level-3 name."""
        name = parse_level3(self.file_name)
        return name.product_type if name else ""


class Archive:
    """Client for the archive's list of products.  Not thread-safe.

    Parameters
    ----------
    address
        Address of the archive's server.
    """

    def __init__(self, address: str) -> None:
        from astroquery.mast import ObservationsClass  # noqa: PLC0415 - slow to import

        self.address = address.rstrip("/")
        self._observations = ObservationsClass()
        portal = self._observations._portal_api_connection  # noqa: SLF001 - no public setting
        portal.MAST_REQUEST_URL = f"{self.address}/api/v0/invoke"
        portal.COLUMNS_CONFIG_URL = f"{self.address}/portal/Mashup/Mashup.asmx/columnsconfig"

    def list(self, query: ArchiveQuery) -> list[ArchiveProduct]:
        """Return the products of a query in the archive's order, without duplicates.

        Raises
        ------
        ArchiveError
            If the archive does not answer, or answers with an error.
        BadQueryError
            If the radius is not an angle, or the name of the object is unknown.
        """
        found: dict[str, ArchiveProduct] = {}
        if query.uris:
            roots = sorted({_observation_id(uri) for uri in query.uris})
            by_uri = {product.uri: product for product in self._products({"obs_id": roots})}
            # A product that is not listed may still exist; the download will show it.
            found |= {
                uri: by_uri.get(uri, ArchiveProduct(uri, None, "", public=True))
                for uri in query.uris
            }
        criteria = query.criteria()
        if criteria:
            for product in self._products(criteria):
                if product.product_type in query.product_types:
                    found[product.uri] = product
        return list(found.values())

    def has(self, uri: str) -> bool:
        """Return whether the archive still lists a product."""
        products = self._products({"obs_id": [_observation_id(uri)]})
        return any(product.uri == uri for product in products)

    def _products(self, criteria: dict[str, Any]) -> Iterator[ArchiveProduct]:
        observations = self._request(
            self._observations.query_criteria, obs_collection="JWST", **criteria
        )
        ids = list(dict.fromkeys(str(row["obsid"]) for row in observations))
        for start in range(0, len(ids), OBSERVATIONS_PER_REQUEST):
            batch = ids[start : start + OBSERVATIONS_PER_REQUEST]
            yield from _parse_products(self._request(self._observations.get_product_list, batch))

    def _request(self, function: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - astropy has no types
        """Call a function of astroquery, and convert its errors to those of Spectral DB."""
        from astroquery.exceptions import RemoteServiceError, ResolverError  # noqa: PLC0415 - slow
        from requests import (  # noqa: PLC0415 - slow to import
            ConnectionError as RequestConnectionError,
        )
        from requests import RequestException, Timeout  # noqa: PLC0415 - as above

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about empty results, which are valid here
                return function(*arguments, **options)
        except ResolverError as error:
            raise BadQueryError(f"--around: The object is not found: {error}") from error
        except (RequestConnectionError, Timeout, TimeoutError) as error:
            raise ArchiveError(
                f"{self.address}: The archive does not answer. Check your internet connection, or "
                "try again later."
            ) from error
        except (RequestException, RemoteServiceError) as error:
            raise ArchiveError(
                f"{self.address}: The archive answers with an error: {error}"
            ) from error


def _parse_products(rows: Iterable[Any]) -> Iterator[ArchiveProduct]:
    """Yield the level-3 products in a table from astroquery."""
    for row in rows:
        uri = str(row["dataURI"])
        if not uri.startswith(MAST_PREFIX) or parse_level3(uri.removeprefix(MAST_PREFIX)) is None:
            continue
        size = row["size"]
        yield ArchiveProduct(
            uri=uri,
            size=int(size) if str(size).isdigit() else None,
            version=_text(row["prvversion"]),
            public=_text(row["dataRights"]) in (PUBLIC, ""),
        )


def _text(value: object) -> str:
    text = str(value)
    return "" if text in ("--", "None", "nan") else text


def _observation_id(uri: str) -> str:
    """Return the archive's observation ID of a product: its name without the type."""
    return uri.rsplit("/", 1)[-1].rsplit("_", 1)[0]
