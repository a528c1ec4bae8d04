"""Large lakes of made-up spectra, written by Spectral DB's own commit code."""
