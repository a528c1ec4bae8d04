"""The array type that every layer shares."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
"""A NumPy array of any type; docstrings say shape and meaning."""
