"""Tests of `spectraldb.formats`."""
