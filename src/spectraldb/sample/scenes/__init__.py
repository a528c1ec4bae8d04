"""Simulated scenes: one module with a function `scene` per observing mode."""
