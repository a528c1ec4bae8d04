"""Tests of `spectraldb.query.sql`."""
