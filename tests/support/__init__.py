"""Code shared by tests: oracles, generated files, stores and clusters."""
