"""Searches in large lakes, compared with databases that contain the same rows."""
