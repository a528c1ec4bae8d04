"""Ingest: find files, read them in parallel, and commit their rows to the lake."""
