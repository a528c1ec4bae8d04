"""Search JWST level-3 spectra pixel by pixel, and retrieve every array of any product.

`SpectralDB` is the client for a server or for a local lake::

    from spectraldb import SpectralDB

    db = SpectralDB("demo-lake")
    table = db.search(wavelength=(1.2, 1.3), flux__gte=10).to_qtable()
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spectraldb.client import SpectralDB
    from spectraldb.errors import ExcludedProductsWarning

__version__ = "0.1.0.dev0"
__all__ = ["ExcludedProductsWarning", "SpectralDB", "__version__"]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> object:
    # The server and the commands also import this module, and do not need the client.
    if name == "SpectralDB":
        from spectraldb.client import SpectralDB  # noqa: PLC0415 - loaded on first use

        return SpectralDB
    if name == "ExcludedProductsWarning":
        from spectraldb.errors import ExcludedProductsWarning  # noqa: PLC0415 - as above

        return ExcludedProductsWarning
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
