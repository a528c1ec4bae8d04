"""Many concurrent clients."""
