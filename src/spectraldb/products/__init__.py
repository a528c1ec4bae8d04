"""A FITS file becomes a Product: its names, its arrays, its spectra. Knows no database."""
