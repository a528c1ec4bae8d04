"""Tests of the documentation: its examples run, and it is complete."""
