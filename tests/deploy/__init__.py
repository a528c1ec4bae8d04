"""Tests of the files that deploy a server."""
