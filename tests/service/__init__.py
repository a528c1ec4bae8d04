"""Tests of `spectraldb.service`."""
