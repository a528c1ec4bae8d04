"""Results of searches from segments: rows, counts, groups and rankings, without SQL."""
