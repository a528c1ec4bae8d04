"""Cut-outs: parts of the arrays of a product, or pixels combined along axes."""
