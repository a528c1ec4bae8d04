"""Engines, which run SQL on a version of the lake."""
