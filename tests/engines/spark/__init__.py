"""Tests of `spectraldb.engines.spark`."""
