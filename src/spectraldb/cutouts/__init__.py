"""A part of a product: arrays cut out of its file, or pixels combined along axes."""
