"""Where bytes are: in folders of this machine, or in buckets with a cache here."""
