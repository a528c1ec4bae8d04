"""Measurements of Spectral DB against what one would write without it: `python -m bench`."""
