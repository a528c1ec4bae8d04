"""Tests of `spectraldb.sample`."""
