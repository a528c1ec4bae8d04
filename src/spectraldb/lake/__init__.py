"""The three Delta tables of a lake: reading versions, and writing and committing rows."""
