"""Spectral DB: search and retrieve the pixels of JWST level-3 spectra."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spectraldb.client import SpectralDB

__version__ = "0.1.0.dev0"
__all__ = ["SpectralDB", "__version__"]


def __getattr__(name: str) -> object:
    # The server and the commands, which import this module too, do without the client.
    if name == "SpectralDB":
        from spectraldb.client import SpectralDB  # noqa: PLC0415 - imported when it is needed

        return SpectralDB
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
