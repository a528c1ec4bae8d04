"""Tests of `spectraldb.api.routes`."""
