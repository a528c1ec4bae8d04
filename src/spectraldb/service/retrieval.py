"""Retrieval of the arrays of a product from its FITS file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa

from spectraldb.cutouts.cut import part_of
from spectraldb.cutouts.part import Part
from spectraldb.cutouts.request import Cutout
from spectraldb.errors import FileChangedError, FileGoneError, LakeError, RefusedError
from spectraldb.fits.header import Value
from spectraldb.lake.record import ProductRecord
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.open import open_product
from spectraldb.products.product import Product
from spectraldb.results import ArraysResult
from spectraldb.schema.column import Column
from spectraldb.schema.columns import columns_of
from spectraldb.schema.tables import Table
from spectraldb.storage.checksum import FileStat
from spectraldb.storage.objects import is_object
from spectraldb.storage.source import Source


@dataclass
class Retrieved:
    """A result whose arrays are read while it is sent; a context manager that closes the file."""

    answer: ArraysResult
    product: Product

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.product.close()


def retrieve_arrays(record: ProductRecord, source: Source, cutout: Cutout) -> Retrieved:
    """Return the arrays of a product or a cut-out.

    Raises
    ------
    BadQueryError
        If the cut-out does not apply to the product.
    NotHeldError
        If the cut-out is empty.
    FileGoneError
        If the file has been moved or deleted.
    FileChangedError
        If the file has changed since it was ingested.
    """
    product = _open_file(record, source)
    try:
        part = part_of(product, cutout)
    except BaseException:
        product.close()
        raise
    answer = ArraysResult(
        uri=record.uri,
        file_name=record.file_name,
        product_type=record.product_type,
        columns=part.columns,
        spectra=part.spectra,
        row_columns=product.row_columns(),
        dispersion=product.dispersion,
        box=part.box,
        index=part.index,
        wcs=_celestial_wcs(product, part, cutout),
        pixel_area=part.pixel_area,
    )
    return Retrieved(answer, product)


def _celestial_wcs(product: Product, part: Part, cutout: Cutout) -> dict[str, Value]:
    """Return the celestial WCS keywords of a cut-out; empty for one spectrum or binned x or y."""
    if cutout.spectrum is not None or {"x", "y"} & set(
        cutout.binning.sizes if cutout.binning else ()
    ):
        return {}
    start = {axis: indices.start for axis, indices in part.box.items()}
    return product.celestial_wcs(start.get("x", 0), start.get("y", 0))


def derived_arrays(record: ProductRecord, spectra: pa.Table) -> ArraysResult:
    """Return rows of SpectralCharacteristics as arrays with one value per spectrum."""
    columns = [
        _derived_column(column, spectra[column.name].to_pylist(), record)
        for column in columns_of(Table.SPECTRUM)
        if column.searchable
    ]
    return ArraysResult(record.uri, record.file_name, record.product_type, columns)


def checked_file(record: ProductRecord, source: Source) -> Path:
    """Return the path of the file of a product, after checking that it has not changed.

    Raises
    ------
    FileGoneError
        If the file has been moved or deleted.
    FileChangedError
        If the file has changed since it was ingested.
    LakeError
        If the file is in a bucket that cannot be read.
    """
    try:
        state = source.stat()
        same = state == FileStat(record.file_size, record.modified)
        if not same and (state.size != record.file_size or source.checksum() != record.checksum):
            raise FileChangedError(
                f"The file of {record.uri} has changed since it was ingested. "
                "Run `spectraldb ingest` on it again to serve the new version."
            )
        return source.cached(record.checksum)
    except FileNotFoundError as error:
        raise _missing_file(record) from error
    except OSError as error:
        if is_object(source.location):
            raise LakeError(str(error)) from error
        raise _missing_file(record) from error


def _missing_file(record: ProductRecord) -> FileGoneError:
    return FileGoneError(
        f"The file of {record.uri} has been moved or deleted. Restore "
        f"{record.file_name}, or run `spectraldb ingest` on its new "
        "location."
    )


def _open_file(record: ProductRecord, source: Source) -> Product:
    path = checked_file(record, source)
    try:
        product = open_product(path, record.layout, record.product_type)
    except OSError as error:
        raise _missing_file(record) from error
    except RefusedError as error:
        raise FileChangedError(
            f"The file of {record.uri} can no longer be read. Run `spectraldb ingest` on it again. "
            f"Reason: {error}"
        ) from error
    product.product_type = record.product_type
    return product


def _derived_column(column: Column, values: list[object], record: ProductRecord) -> ArrayColumn:
    unit = record.unit(column)
    # An array of objects distinguishes null from NaN, and integers from floats.
    array = np.array(values, object)
    return ArrayColumn(
        name=column.name,
        fits_ext=", ".join(column.fits) or "derived",
        dtype=column.dtype,
        shape=(len(values),),
        chunks=lambda: iter([array]),
        unit=unit,
        fits_unit=unit,
        description=column.description,
    )
