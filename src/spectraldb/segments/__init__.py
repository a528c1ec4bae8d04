"""The lake's pixels in a form for fast searches: columns in memory-mapped files.

Each segment holds the rows of one Parquet file of SpectralPixel, and the spectra that its pixels
belong to.  A search that finds the segment of a file reads it in place of the file.
"""
