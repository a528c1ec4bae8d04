"""Tests of `spectraldb.derive`."""
