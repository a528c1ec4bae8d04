"""Cut-outs: arrays cut out of a product, or its pixels combined along axes."""
