"""Tests of `spectraldb.api`."""
