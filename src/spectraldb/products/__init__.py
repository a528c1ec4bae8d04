"""JWST products: readers for FITS files of every layout. Independent of the lake."""
