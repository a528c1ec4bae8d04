"""Lakes of many small files."""

from pathlib import Path

from spectraldb.lake.layout import SORTED_COPIES
from spectraldb.lake.table_files import TableFile
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service

ALL = [("product", "all"), ("limit", "100000")]
"""A search for every pixel."""


def ingest_one_by_one(lake: Service, files: list[Path]) -> None:
    """Ingest files in separate commits."""
    for file in files:
        lake.ingest([file])


def pixel_files(lake: Service) -> list[Path]:
    """Return the pixel files on disk, including replaced ones."""
    return sorted((lake.lake.folder / Table.PIXEL.value).rglob("*.parquet"))


def sorted_copies(lake: Service) -> list[Path]:
    """Return the sorted copies on disk."""
    return sorted((lake.lake.folder / SORTED_COPIES).glob("*"))


def table_file(
    path: str, rows: int, min_id: int, product_type: str = "x1d", max_id: int | None = None
) -> TableFile:
    """Return a file of a table as in the log."""
    return TableFile(path, product_type, rows, rows, min_id, max_id or min_id, 0.0)
