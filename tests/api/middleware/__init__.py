"""Tests of `spectraldb.api.middleware`."""
