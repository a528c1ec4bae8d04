"""Files are found, read in parallel, and committed to the lake."""
