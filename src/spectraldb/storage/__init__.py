"""Storage of lakes and products: local folders, or S3-compatible buckets with a local cache."""
