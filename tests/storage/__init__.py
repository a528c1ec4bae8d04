"""Tests of `spectraldb.storage`."""
