"""Maintenance of a lake: compaction, segments, sorted copies, and deletion of unused files."""
