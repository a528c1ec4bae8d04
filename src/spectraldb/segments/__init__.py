"""Segments: copies of the pixels of a lake for fast searches, as memory-mapped columns.

Each segment contains the rows of one Parquet file of SpectralPixel and of the spectra to which they
belong.  Searches read the segment of a file, if it has one, instead of the file.
"""
