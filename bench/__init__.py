"""Benchmarks of Spectral DB against the code it replaces: `python -m bench`."""
