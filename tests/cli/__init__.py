"""Tests of `spectraldb.cli`."""
