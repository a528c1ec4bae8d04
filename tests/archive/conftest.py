"""Fixtures of the tests of the archive."""

from tests.support.fetch_command import archive, fetch, held

__all__ = ["archive", "fetch", "held"]
