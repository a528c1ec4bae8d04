"""Tests of `spectraldb.lake`."""
