"""The rows of a lake for its rivals, with the columns that the searches use and a few more."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from spectraldb.service.service import Service

COLUMNS = {
    "pixels": [
        "productId",
        "spectrum",
        "pixel",
        "x",
        "wavelength",
        "flux",
        "fluxErr",
        "dq",
        "good",
    ],
    "spectra": [
        "productId",
        "spectrum",
        "ra",
        "dec",
        "wavelengthMin",
        "wavelengthMax",
        "fluxMin",
        "fluxMax",
        "derSnr",
        "medianSnr",
    ],
    "products": [
        "productId",
        "uri",
        "fileName",
        "productType",
        "targetName",
        "instrument",
        "program",
    ],
}
OF_CUBES = ["y", "z"]
"""More columns of pixels, which are null in extracted spectra."""


def columns(service: Service, table: str) -> list[str]:
    """Return the names of the columns of a table."""
    has_cubes = table == "pixels" and "s3d" in service.lake.snapshot().pixels
    return COLUMNS[table] + (OF_CUBES if has_cubes else [])


def files(service: Service, table: str) -> list[Path]:
    """Return the files of a table of the lake."""
    snapshot = service.lake.snapshot()
    if table == "products":
        return [Path(path) for path in snapshot.products]
    by_type = snapshot.pixels if table == "pixels" else snapshot.spectra
    return [Path(path) for paths in by_type.values() for path in paths]


def parts(service: Service, table: str) -> Iterator[pa.Table]:
    """Yield the rows of a table, one file of the lake at a time."""
    for path in files(service, table):
        # Not as a dataset, because Arrow would add a column from the name of the folder.
        names = columns(service, table)
        yield pq.ParquetFile(path).read(columns=names).select(names)


def whole(service: Service, table: str) -> pa.Table:
    """Return all rows of a table."""
    return pa.concat_tables(parts(service, table))
