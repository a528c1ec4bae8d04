"""Tests of `spectraldb.schema`."""
