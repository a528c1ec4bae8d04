"""The names of all files and folders of a lake, relative to it.

Nothing else in the package spells such a name.  Whoever changes one changes `FORMAT` too.
"""

from pathlib import Path, PurePosixPath

from spectraldb.schema.tables import Table

FORMAT = 2
"""Number of this layout.  Format 1 had no format file, and its segments in ``serving/``."""

FORMAT_FILE = "lake.json"

TABLES = (Table.PIXEL, Table.SPECTRUM, Table.PRODUCT)
"""Each is a Delta table in a folder of its name."""

LOG = "_delta_log"

PARTITION = "productType"
"""The partition of the tables of pixels and spectra, in the names of folders."""

SEGMENTS = "segments"
"""Holds a folder for each Parquet file of pixels that is optimized."""

SORTED_COPIES = "by-wavelength"
"""Holds copies of Parquet files of pixels, sorted by wavelength."""

COPIES = "files"
"""Holds copies of FITS files."""

OPTIMIZE_LOCK = "optimize.lock"


def commit_file(table: Table, version: int) -> str:
    """Return the name of the log entry of a commit."""
    return f"{table.value}/{LOG}/{version:020}.json"


def is_log(name: str) -> bool:
    """Return whether a file belongs to the log of a table."""
    return LOG in PurePosixPath(name).parts


def partition_folder(product_type: str) -> str:
    """Return the folder of a product type, relative to that of its table."""
    return f"{PARTITION}={product_type}"


def product_type_of(file: str) -> str:
    """Return the product type of a data file from its path."""
    return PurePosixPath(file).parent.name.removeprefix(f"{PARTITION}=")


def segment_folder(lake: Path, file: str) -> Path:
    """Return the folder of the segment of a Parquet file of pixels."""
    return lake / SEGMENTS / Path(file).stem


def sorted_copy(lake: Path, file: str) -> Path:
    """Return the path of the sorted copy of a Parquet file of pixels."""
    return lake / SORTED_COPIES / Path(file).name


def copy_name(checksum: str, file_name: str) -> str:
    """Return the name of a copy of a FITS file.

    Its folder is named after the checksum, so that a changed file never replaces the copy of the
    file before.
    """
    return f"{COPIES}/{checksum.removeprefix('sha256:')[:32]}/{file_name}"


def is_copy_name(name: str) -> bool:
    """Return whether a file of the lake is a copy of a FITS file."""
    return name.startswith(f"{COPIES}/")
