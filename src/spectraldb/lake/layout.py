"""The names of all files and folders of a lake, relative to it.

Only this module contains such names.  If you change one, change `FORMAT` too.
"""

from pathlib import Path, PurePosixPath

from spectraldb.schema.tables import Table

FORMAT = 3
"""Number of this layout.  Format 1 had no format file, and segments were in ``serving/``."""

FORMAT_FILE = "lake.json"

TABLES = (Table.PIXEL, Table.SPECTRUM, Table.PRODUCT)
"""Delta tables, each in a folder with its name."""

LOG = "_delta_log"

PARTITION = "productType"
"""Partition column of SpectralPixel and SpectralCharacteristics, as in folder names."""

SEGMENTS = "segments"
"""Folder of segments, with one folder per Parquet file of pixels."""

SORTED_COPIES = "by-wavelength"
"""Folder of copies of Parquet files of pixels, sorted by wavelength."""

COPIES = "files"
"""Folder of copies of FITS files."""

OPTIMIZE_LOCK = "optimize.lock"


def commit_file(table: Table, version: int) -> str:
    """Return the name of the log file of a commit."""
    return f"{table.value}/{LOG}/{version:020}.json"


def is_log(name: str) -> bool:
    """Return whether a file is part of the log of a table."""
    return LOG in PurePosixPath(name).parts


def partition_folder(product_type: str) -> str:
    """Return the folder of a product type, relative to the folder of its table."""
    return f"{PARTITION}={product_type}"


def product_type_of(file: str) -> str:
    """Return the product type in the path of a data file."""
    # As text, since a lake can have 100,000 files.
    folder = file.replace("\\", "/").rsplit("/", 2)[-2]
    return folder.removeprefix(f"{PARTITION}=")


def segment_folder(lake: Path, file: str) -> Path:
    """Return the folder of the segment of a Parquet file of pixels."""
    return lake / SEGMENTS / Path(file).stem


def sorted_copy(lake: Path, file: str) -> Path:
    """Return the path of the sorted copy of a Parquet file of pixels."""
    return lake / SORTED_COPIES / Path(file).name


def copy_name(checksum: str, file_name: str) -> str:
    """Return the name of a copy of a FITS file.

    Its folder has the checksum as its name, so that a changed file never replaces the copy of its
    previous version.
    """
    return f"{COPIES}/{checksum.removeprefix('sha256:')[:32]}/{file_name}"


def is_copy_name(name: str) -> bool:
    """Return whether a file of the lake is a copy of a FITS file."""
    return name.startswith(f"{COPIES}/")
