"""A query as an SQL tree: values are literals of the tree, never text."""
