"""Searches of the sample products, for comparing a cluster with this process."""

from typing import Any

import pyarrow as pa

from spectraldb.service.service import Service
from spectraldb.settings import Settings

Pairs = list[tuple[str, str]]

CUBES: Pairs = [("product", "s3d"), ("columns", "ra,dec")]
PIXELS: Pairs = [("wavelength", "1.2,1.3"), ("flux.gte", "0.00001"), ("columns", "derSnr,ra,dec")]
QUERIES: list[Pairs] = [
    PIXELS,
    [("product", "s3d"), ("wavelength", "5,5.1"), ("sort_by", "-flux"), ("limit", "50")],
    [("product", "all"), ("group", "True"), ("columns", "nStored"), ("sort_by", "-matched")],
    [("product", "s2d"), ("derSnr.gt", "1"), ("columns", "snr"), ("limit", "3000")],
    [("product", "s3d"), ("ra", "345.62"), ("dec", "8.91"), ("radius", "2arcsec")],
    [("product", "x1d"), ("flux.gte", "3mJy")],
]


def over(address: str, lake: Settings, **changes: Any) -> Service:
    """Return a service that searches a lake on a cluster."""
    update = {"engine": "spark", "spark": address, **changes}
    return Service(lake.model_copy(update=update))


def assert_same(cluster: Service, embedded: Service) -> None:
    """Assert that a cluster returns the same results as this process."""
    for query in QUERIES:
        result, expected = cluster.search(query), embedded.search(query)
        assert len(expected.rows)
        assert result.rows.equals(expected.rows)
        assert (result.after, result.message) == (expected.after, expected.message)
        assert result.sql == expected.sql
        assert cluster.count(query).pixels == embedded.count(query).pixels
    all_types = [("product", "all")]
    tables = [pa.Table.from_batches(s.stream(all_types).batches()) for s in (cluster, embedded)]
    assert tables[0].equals(tables[1])
