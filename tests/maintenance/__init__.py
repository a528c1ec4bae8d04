"""Tests of `spectraldb.maintenance`."""
