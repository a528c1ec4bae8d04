"""Compilation of queries to SQL trees, in which values are literals and never text."""
