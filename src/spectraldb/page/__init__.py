"""The web page: search and look at spectra in a browser."""
