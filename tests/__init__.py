"""The tests mirror the package: what is tested in `tests/lake` is `spectraldb.lake`."""
