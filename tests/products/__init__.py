"""Tests of `spectraldb.products`."""
