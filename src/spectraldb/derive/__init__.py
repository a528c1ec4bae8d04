"""Rows of the lake's tables, derived from a product: the product, its spectra and its pixels."""
