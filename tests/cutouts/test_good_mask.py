"""Tests that the good pixels of retrievals match those of searches."""

import pytest

from spectraldb.service.service import Service
from tests.support.product_files import LAKES


@pytest.mark.parametrize("lake_name", LAKES)
def test_good_pixels_match_a_search(lake_name: str, request: pytest.FixtureRequest) -> None:
    service: Service = request.getfixturevalue(lake_name)
    for row in service.products():
        pairs = [("uri", row["uri"]), ("columns", "good")]
        with service.retrieve_request(pairs) as retrieved:
            (good,) = retrieved.answer.columns
            count = sum(int(image.sum()) for image in good.chunks())
        pairs = [("product", "all"), ("uri", row["uri"]), ("good", "true")]
        # A search only finds pixels that have a flux and, in images, a weight.
        assert count == service.count(pairs).pixels, row["uri"]
