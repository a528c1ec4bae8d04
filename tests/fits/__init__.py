"""Tests of `spectraldb.fits`."""
