"""Parsing of requests into queries, and compilation of queries to SQL."""
