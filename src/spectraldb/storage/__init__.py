"""Files of a lake and of products, in local folders or in S3-compatible buckets with a cache."""
