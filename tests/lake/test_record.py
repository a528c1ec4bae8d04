"""A product record: typed attributes and all columns of the schema over one set of values."""

from dataclasses import FrozenInstanceError

import pyarrow as pa
import pytest

from spectraldb.lake.record import ProductRecord
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.columns import by_name, columns_of
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service

VALUES = dict.fromkeys(SCHEMAS[Table.PRODUCT].names) | {
    "productId": 7,
    "uri": "local:1/a_x1d.fits",
    "fileName": "a_x1d.fits",
    "productType": "x1d",
    "location": "/data/a_x1d.fits",
    "checksum": "sha256:00",
    "fileSize": 1024,
    "modified": 1_700_000_000_000_000_000,
    "ingested": "2026-01-01T00:00:00",
    "fluxUnit": "Jy",
    "nSpectra": 3,
    "nStored": 30,
}


@pytest.mark.parametrize(
    ("attribute", "column"),
    [
        ("product_id", "productId"),
        ("uri", "uri"),
        ("file_name", "fileName"),
        ("product_type", "productType"),
        ("location", "location"),
        ("checksum", "checksum"),
        ("file_size", "fileSize"),
        ("modified", "modified"),
        ("ingested", "ingested"),
        ("n_spectra", "nSpectra"),
        ("n_stored", "nStored"),
    ],
)
def test_attributes_are_columns(attribute: str, column: str) -> None:
    record = ProductRecord(VALUES)
    assert getattr(record, attribute) == record[column] == VALUES[column]


def test_every_column_of_the_schema(layouts: Service) -> None:
    names = [column.name for column in columns_of(Table.PRODUCT)]
    for record in layouts.products():
        assert list(record.as_dict()) == names
        assert [record[name] for name in names] == list(record.as_dict().values())


def test_a_record_of_another_file_is_a_new_record() -> None:
    record = ProductRecord(VALUES)
    moved = record.with_file("/other/a_x1d.fits", 5)
    assert (moved.location, moved.modified) == ("/other/a_x1d.fits", 5)
    assert moved.as_dict() == VALUES | {"location": "/other/a_x1d.fits", "modified": 5}
    assert record.as_dict() == VALUES
    with pytest.raises(FrozenInstanceError):
        record.values = {}  # type: ignore[misc]  # what the test is about


def test_units_of_a_product_with_its_own_units() -> None:
    columns = by_name()
    record = ProductRecord(VALUES)
    assert record.unit(columns["flux"]) == "Jy"
    assert record.unit(columns["surfBright"]) == ""
    assert record.unit(columns["wavelength"]) == columns["wavelength"].unit == "um"


def test_missing_calibration_version() -> None:
    assert ProductRecord(VALUES).cal_version == ""
    assert ProductRecord(VALUES | {"calVer": "1.2"}).cal_version == "1.2"


def test_a_row_of_the_product_table_and_back() -> None:
    row = ProductRecord(VALUES).as_dict()
    table = pa.Table.from_pylist([row], schema=SCHEMAS[Table.PRODUCT])
    assert ProductRecord(table.to_pylist()[0]) == ProductRecord(VALUES)
