"""Retrieving: from a product's row to its arrays, read from the file that was ingested."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa

from spectraldb.errors import FileChangedError, FileGoneError, RefusedError
from spectraldb.formats.answers import ArraysAnswer
from spectraldb.lake.checksum import FileState, checksum
from spectraldb.products.model import ArrayColumn, Product
from spectraldb.products.read import open_product
from spectraldb.vocabulary import Column, Table, columns_of

Row = dict[str, Any]


@dataclass
class Retrieved:
    """An answer whose arrays are read while it is sent; close it then."""

    answer: ArraysAnswer
    product: Product

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.product.close()


def retrieve_arrays(row: Row, spectrum: int | None) -> Retrieved:
    """Return the arrays of the product of a row, all or those of one spectrum.

    Raises
    ------
    NotHeldError
        If the product has no such spectrum.
    FileGoneError, FileChangedError
        If the file is no longer there, or no longer the one that was ingested.
    """
    product = _open_file(row)
    try:
        columns, spectra = product.columns(spectrum), product.spectra(spectrum)
    except BaseException:
        product.close()
        raise
    answer = ArraysAnswer(
        uri=row["uri"],
        file_name=row["fileName"],
        product_type=row["productType"],
        columns=_distinct(columns),
        spectra=spectra,
        row_columns=product.row_columns(),
    )
    return Retrieved(answer, product)


def _distinct(columns: list[ArrayColumn]) -> list[ArrayColumn]:
    """Return columns with names of their own: a second `fluxErr` is `fluxErr2`."""
    taken: set[str] = set()
    distinct = []
    for column in columns:
        name, number = column.name, 1
        while name in taken:
            number += 1
            name = f"{column.name}{number}"
        taken.add(name)
        distinct.append(replace(column, name=name))
    return distinct


def derived_arrays(row: Row, spectra: pa.Table) -> ArraysAnswer:
    """Return rows of SpectralCharacteristics as arrays, a value for each spectrum."""
    columns = [
        _derived_column(column, spectra[column.name].to_pylist(), row)
        for column in columns_of(Table.SPECTRUM)
        if column.searchable
    ]
    return ArraysAnswer(row["uri"], row["fileName"], row["productType"], columns)


def _open_file(row: Row) -> Product:
    path, name = Path(row["location"]), row["fileName"]
    try:
        state = FileState.of(path)
        same = state == FileState(row["fileSize"], row["modified"])
        if not same and (state.size != row["fileSize"] or checksum(path) != row["checksum"]):
            raise FileChangedError(
                f"the file of {row['uri']} has changed since it was ingested; "
                "`spectraldb ingest` it again to serve the new one"
            )
        product = open_product(path)
    except OSError as error:
        raise FileGoneError(
            f"the file of {row['uri']} is no longer where it was ingested; put {name} back, or "
            "`spectraldb ingest` it from where it is now"
        ) from error
    except RefusedError as error:
        raise FileChangedError(
            f"the file of {row['uri']} can no longer be read ({error}); ingest it again"
        ) from error
    product.product_type = row["productType"]
    return product


def _derived_column(column: Column, values: list[object], row: Row) -> ArrayColumn:
    unit = (row[column.unit_from] or "") if column.unit_from else column.unit
    # An array of objects keeps null apart from NaN, and whole numbers from others.
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
