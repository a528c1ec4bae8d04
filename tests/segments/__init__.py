"""Tests of `spectraldb.segments`."""
