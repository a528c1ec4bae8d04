"""The web page, to search and view spectra in a browser."""
