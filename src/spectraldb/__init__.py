"""Spectral DB: search and retrieve the pixels of JWST level-3 spectra."""

__version__ = "0.1.0.dev0"
