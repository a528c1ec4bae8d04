"""The good pixels of a retrieval are those that a search finds."""

import pytest

from spectraldb.service.service import Service
from tests.support.product_files import LAKES


@pytest.mark.parametrize("lake_name", LAKES)
def test_good_pixels_are_those_that_a_search_finds(
    lake_name: str, request: pytest.FixtureRequest
) -> None:
    service: Service = request.getfixturevalue(lake_name)
    for row in service.products():
        pairs = [("uri", row["uri"]), ("columns", "good")]
        with service.retrieve_request(pairs) as retrieved:
            (good,) = retrieved.answer.columns
            count = sum(int(image.sum()) for image in good.chunks())
        pairs = [("product", "all"), ("uri", row["uri"]), ("good", "true")]
        # A search finds pixels that have a flux and, in images, a weight.
        assert count == service.count(pairs).pixels, row["uri"]
