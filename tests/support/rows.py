"""Rows of the lake's tables, for tests without FITS files."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from spectraldb.lake.data_files import DataFile, DataFileWriter
from spectraldb.lake.lake import Lake
from spectraldb.lake.record import ProductRecord
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store


def product_record(product_id: int, **columns: Any) -> ProductRecord:
    """Return a product of one spectrum with 3 pixels; `columns` replace its columns."""
    name = columns.pop("fileName", f"p{product_id}_x1d.fits")
    values = dict.fromkeys(SCHEMAS[Table.PRODUCT].names) | {
        "productId": product_id,
        "uri": f"mast:JWST/product/{name}",
        "fileName": name,
        "productType": "x1d",
        "location": f"/data/{name}",
        "checksum": f"sha256:{product_id:064x}",
        "fileSize": 1024,
        "modified": 1_700_000_000_000_000_000,
        "ingested": "2026-01-01T00:00:00",
        "nSpectra": 1,
        "nStored": 3,
    }
    return ProductRecord(values | columns)


def product_rows(*records: ProductRecord) -> pa.Table:
    """Return rows of DataProduct."""
    rows = [record.as_dict() for record in records]
    return pa.Table.from_pylist(rows, schema=SCHEMAS[Table.PRODUCT])


def pixel_rows(product_id: int, wavelength: Sequence[float], **columns: Any) -> pa.Table:
    """Return the rows of SpectralPixel of one spectrum."""
    n = len(wavelength)
    values = {
        "productId": np.full(n, product_id),
        "spectrum": np.zeros(n, "i4"),
        "pixel": np.arange(n, dtype="i4"),
        "wavelength": np.asarray(wavelength, "f8"),
        "flux": np.arange(n, dtype="f8"),
        "good": np.ones(n, bool),
    }
    return _table(Table.PIXEL, values | columns, n)


def spectrum_rows(product_id: int) -> pa.Table:
    """Return the row of SpectralCharacteristics of a product with one spectrum."""
    return _table(Table.SPECTRUM, {"productId": [product_id], "spectrum": [0]}, 1)


def _table(table: Table, values: dict[str, Any], n: int) -> pa.Table:
    schema = SCHEMAS[table]
    columns = (pa.array(values[f.name]) if f.name in values else pa.nulls(n) for f in schema)
    return pa.table([c.cast(f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def write_rows(store: Store, table: Table, rows: pa.Table, product_type: str = "x1d") -> DataFile:
    """Write rows to a Parquet file that is not part of its table yet."""
    writer = DataFileWriter(store, table, product_type)
    writer.write(rows)
    return writer.close()


def write_product(store: Store, product_id: int, n_pixels: int = 3) -> list[DataFile]:
    """Write the files of a product with one spectrum."""
    pixels = pixel_rows(product_id, np.linspace(1, 2, n_pixels).tolist())
    return [
        write_rows(store, Table.SPECTRUM, spectrum_rows(product_id)),
        write_rows(store, Table.PIXEL, pixels),
    ]


def commit_product(lake: Lake, product_id: int, **columns: Any) -> ProductRecord:
    """Commit a product with one spectrum of 3 pixels to a lake."""
    record = product_record(product_id, **columns)
    lake.commit(write_product(lake.store, product_id, record.n_stored), [record])
    return record
