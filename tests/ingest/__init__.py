"""Tests of `spectraldb.ingest`."""
