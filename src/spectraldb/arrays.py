"""The array type that every layer shares, and the lock for reading arrays from files."""

import threading
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
"""A NumPy array of any type; docstrings say shape and meaning."""

ARRAY_FILES = threading.Lock()
"""Held while NumPy reads an array file: it parses the header with `ast`, which fails at random in
Python 3.11 if several threads use it at once (https://github.com/python/cpython/issues/106905)."""
