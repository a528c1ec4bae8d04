"""Answers become bytes."""
