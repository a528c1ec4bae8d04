"""The client: searches and retrievals from Python, of a server or of a lake on this machine."""

from spectraldb.client.arrays import ArrayInfo
from spectraldb.client.bulk_retrieval import Missing, Retrieved
from spectraldb.client.db import SpectralDB
from spectraldb.client.product import ProductData
from spectraldb.client.search import Search

__all__ = ["ArrayInfo", "Missing", "ProductData", "Retrieved", "Search", "SpectralDB"]
