"""A Product becomes rows: of its product, of its spectra with their figures, of its pixels."""
