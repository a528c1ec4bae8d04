"""Tests of `spectraldb.query`."""
