"""Python client for a server, or for a lake that this process reads directly."""

from spectraldb.client.arrays import ArrayInfo
from spectraldb.client.bulk_retrieval import Missing, Retrieved
from spectraldb.client.db import SpectralDB
from spectraldb.client.product import ProductData
from spectraldb.client.search import Search

__all__ = ["ArrayInfo", "Missing", "ProductData", "Retrieved", "Search", "SpectralDB"]
