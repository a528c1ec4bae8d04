"""Tests of `spectraldb.engines.segments`."""
