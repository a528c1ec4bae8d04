"""Tests of `spectraldb.archive`."""
