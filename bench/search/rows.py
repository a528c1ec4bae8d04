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
    "products": ["productId", "fileName", "targetName", "instrument", "program"],
}


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
        yield pq.ParquetFile(path).read(columns=COLUMNS[table]).select(COLUMNS[table])


def whole(service: Service, table: str) -> pa.Table:
    """Return all rows of a table."""
    return pa.concat_tables(parts(service, table))
