"""Columns are unique, have valid units and UCDs, and are found by each of their names."""

import re

import pytest
from astropy import units as u
from astropy.io.votable.ucd import check_ucd

from spectraldb.schema.column import Column
from spectraldb.schema.columns import (
    COLUMNS,
    RANGED,
    UNIT_COLUMNS,
    by_fits_name,
    by_name,
    camel_case,
    columns_of,
    searchable_columns,
)
from spectraldb.schema.tables import PRODUCT_TYPES, Table

EVERY = pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)


@EVERY
def test_names_units_and_ucds(column: Column) -> None:
    assert re.fullmatch(r"[a-z][A-Za-z0-9]*", column.name)
    u.Unit(column.unit)
    if column.searchable:
        assert check_ucd(column.ucd, check_controlled_vocabulary=True)
    assert column.description


def test_a_name_has_one_meaning_in_a_search() -> None:
    columns = list(searchable_columns())
    names = [name for column in columns for name in (column.name, *column.aliases)]
    assert len(set(names)) == len(names)
    assert by_name() == {n: c for c in columns for n in (c.name, *c.aliases)}


def test_columns_of_a_table_keep_their_order() -> None:
    assert [c for table in Table for c in columns_of(table)] == list(COLUMNS)


def test_numbers_of_a_pixel_have_ranges() -> None:
    spectrum = {column.name: column for column in columns_of(Table.SPECTRUM)}
    for column in RANGED:
        for suffix in ("Low", "High"):
            assert spectrum[column.name + suffix].dtype == column.dtype
            assert not spectrum[column.name + suffix].searchable
    assert "good" not in {column.name for column in RANGED}


def test_units_come_from_columns_of_the_product() -> None:
    assert set(UNIT_COLUMNS.values()) == {"fluxUnit", "surfBrightUnit"}
    assert set(UNIT_COLUMNS.values()) <= {column.name for column in columns_of(Table.PRODUCT)}


def test_allowed_values() -> None:
    assert by_name()["productType"].allowed_values == PRODUCT_TYPES
    assert not by_name()["instrument"].allowed_values


@pytest.mark.parametrize(
    ("fits_name", "name"),
    [
        ("FLUX", "flux"),
        ("flux", "flux"),
        ("SCI", "flux"),
        ("ERROR", "fluxErr"),
        ("FLUX_ERROR", "fluxErr"),
        ("ERR", "fluxErr"),
        ("BKGD_VAR_FLAT", "bkgdVarFlat"),
        ("MJD-AVG", "mjdAvg"),
        ("EXTRACT2D_XSTART", "extract2dXstart"),
        ("SOME_ERROR", "someErr"),
        ("--", "unnamed"),
    ],
)
def test_names_of_fits_columns(fits_name: str, name: str) -> None:
    assert camel_case(fits_name) == name


def test_columns_by_fits_name() -> None:
    assert by_fits_name("wavelength") is by_name()["wavelength"]
    assert by_fits_name("TARGNAME") is None  # header keywords are not columns of a file
