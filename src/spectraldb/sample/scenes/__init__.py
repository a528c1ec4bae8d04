"""Simulated scenes: a module with a function `scene` for each observing mode."""
