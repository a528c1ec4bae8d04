"""Writing of the segments of files in SpectralPixel."""

import pyarrow as pa

from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import Lake
from spectraldb.lake.layout import segment_folder
from spectraldb.maintenance.orphans import read_product_ids
from spectraldb.maintenance.parquet_reader import rows_of_products
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.segments.writer import write_segment


def write_segment_of(lake: Lake, product_type: str, path: str) -> bool:
    """Write the segment of a file of SpectralPixel, and return whether it can have one.

    Parameters
    ----------
    lake
        The lake.
    product_type
        Product type of the pixels.
    path
        Path of the file, relative to the folder of SpectralPixel.

    Raises
    ------
    LakeError
        If a file cannot be read or written.
    """
    file = lake.folder / Table.PIXEL.value / path
    try:
        spectra = _spectra(lake, product_type, read_product_ids(lake, Table.PIXEL, path))
        with lake_errors(), lake.store.temporary_copies([file]) as (local,):
            write_segment(lake.store, local, spectra, segment_folder(lake.folder, path))
    except ValueError:
        # The file has rows of a killed ingest.  Searches read the file until these are dropped.
        return False
    return True


def _spectra(lake: Lake, product_type: str, product_ids: frozenset[int]) -> pa.Table:
    """Return the rows of SpectralCharacteristics for some products."""
    schema = SCHEMAS[Table.SPECTRUM]
    tables = [schema.empty_table()]
    low, high = min(product_ids), max(product_ids)
    with lake_errors("read"):
        for file in lake.table_files(Table.SPECTRUM):
            if file.product_type == product_type and file.min_id <= high and file.max_id >= low:
                path = lake.folder / Table.SPECTRUM.value / file.path
                with lake.store.open_ranges(path) as parquet:
                    tables += rows_of_products(parquet, product_ids, schema)
    return pa.concat_tables(tables)
