"""Synthetic JWST level-3 spectroscopic products, for users without data of their own.

The files have the names, extensions, columns and units that the JWST calibration pipeline writes,
but every number in them comes from a formula and a random generator. The headers state this:
ORIGIN is `SPECTRAL DB SAMPLE`, TITLE begins with `SYNTHETIC SAMPLE:`, and the programme numbers,
from 99001, are not in use.
"""

from collections.abc import Callable
from pathlib import Path

from spectraldb.sample.catalogue import products

__all__ = ["write_samples"]


def write_samples(folder: Path, report: Callable[[Path], None] | None = None) -> list[Path]:
    """Write the synthetic products into a folder.

    Parameters
    ----------
    folder : Path
        Created with its parents if necessary. Files of the same name are overwritten.
    report : callable, optional
        Called with the path of each file as soon as it is complete.

    Returns
    -------
    list of Path
        The files, in the order in which they were written. Every call writes the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for product in products():
        path = folder / product.name
        product.save(path)
        paths.append(path)
        if report is not None:
            report(path)
    return paths
