"""Spectral DB: search and retrieve the pixels of JWST level-3 spectra."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spectraldb.client import SpectralDB

__version__ = "0.1.0.dev0"
__all__ = ["SpectralDB", "__version__"]


def __getattr__(name: str) -> object:
    # The server and the commands import this module too, and do not need the client.
    if name == "SpectralDB":
        from spectraldb.client import SpectralDB  # noqa: PLC0415 - loaded at its first use

        return SpectralDB
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
