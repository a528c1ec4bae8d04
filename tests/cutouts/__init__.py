"""Tests of `spectraldb.cutouts`."""
