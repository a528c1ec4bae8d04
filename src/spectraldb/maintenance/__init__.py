"""Maintenance of a lake: compaction, segments, sorted copies, and vacuum."""
