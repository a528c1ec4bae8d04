"""A second form of the lake's pixels, for fast searches: columns in files that are mapped.

Each segment holds what one Parquet file of SpectralPixel holds, and the spectra that its pixels
are of.  A search that finds the segment of a file reads it in place of the file.
"""
