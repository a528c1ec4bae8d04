"""Searches in large lakes, against databases that hold the same rows."""
