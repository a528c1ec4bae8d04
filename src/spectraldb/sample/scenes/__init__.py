"""What the samples pretend to have observed: a module with a `scene` for each observing mode."""
