"""Tests of `spectraldb.engines`."""
