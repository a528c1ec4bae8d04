"""Filling a lake from the archive (MAST): what it lists, what is wanted of it, and its files."""
