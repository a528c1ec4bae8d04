"""Large lakes of synthetic spectra, written with Spectral DB's own commit code."""
