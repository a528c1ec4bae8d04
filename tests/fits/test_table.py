"""Tests of binary tables: fields of every type, rows and columns."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from spectraldb.errors import RefusedError
from spectraldb.fits import table as table_module
from spectraldb.fits.file import FitsFile
from spectraldb.fits.table import TableHdu
from tests.support.product_files import ProductFile, for_files, path_of


@for_files("x1d", "c1d", "x1dints")
def test_fields_match_astropy(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    with FitsFile(path) as file, fits.open(path, memmap=False) as hdus:
        for ours, theirs in zip(file.hdus, hdus, strict=True):
            if isinstance(ours, TableHdu) and ours.name != "ASDF":
                assert_fields(ours, theirs)


def assert_fields(table: TableHdu, hdu: fits.BinTableHDU) -> None:
    rows = table.rows()
    assert len(rows) == table.n_rows == len(hdu.data)
    for field in table.fields:
        expected = hdu.data[field.name]
        assert field.unit == (hdu.columns[field.name].unit or "")
        values = table.values(field, rows)
        np.testing.assert_array_equal(values, expected)
        if expected.dtype.kind != "U":
            assert values.dtype == np.asarray(expected).dtype.newbyteorder("=")
        np.testing.assert_array_equal(table.column(field, 1, 3), expected[1:3])


def write(path: Path, *columns: fits.Column) -> Path:
    hdu = fits.BinTableHDU.from_columns(columns, name="TABLE")
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)
    return path


def test_fields_of_other_types_are_skipped(tmp_path: Path) -> None:
    path = write(
        tmp_path / "file.fits",
        fits.Column("FLAG", "L", array=[True, False]),
        fits.Column("BITS", "11X", array=np.ones((2, 11), bool)),
        fits.Column("C", "M", array=[1j, 2j]),
        fits.Column("VAR", "PJ()", array=np.array([[1], [2, 3]], object)),
        fits.Column("TEXTS", "PA()", array=np.array(["a", "bc"], object)),
        fits.Column("flux", "2D", "Jy", array=[[1.0, 2.0], [3.0, 4.0]]),
        fits.Column("NAME", "5A", array=["ab", "cde"]),
        fits.Column("CELL", "6E", dim="(3,2)", array=np.arange(12.0).reshape(2, 2, 3)),
        fits.Column("COUNT", "I", bzero=2**15, array=np.array([1, 65535], "u2")),
    )
    with FitsFile(path) as file:
        (table,) = file.tables()
        rows = table.rows()
        values = {field.key: table.values(field, rows).tolist() for field in table.fields}
    assert list(values) == ["VAR", "FLUX", "NAME", "CELL", "COUNT"]
    assert values["VAR"] == [[1, 0], [2, 3]]
    assert values["FLUX"] == [[1.0, 2.0], [3.0, 4.0]]
    assert values["NAME"] == ["ab", "cde"]
    assert values["CELL"] == np.arange(12.0).reshape(2, 2, 3).tolist()
    assert values["COUNT"] == [1, 65535]


def test_scaled_fields(tmp_path: Path) -> None:
    path = write(tmp_path / "file.fits", fits.Column("TENTHS", "J", array=[15, 25]))
    with fits.open(path, "update") as hdus:
        hdus["TABLE"].header.update({"TSCAL1": 0.1, "TZERO1": 3.0})
    with FitsFile(path) as file:
        (table,) = file.tables()
        assert table.column(table.fields[0]).tolist() == pytest.approx([4.5, 5.5])


def test_only_one_column_of_large_rows_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.arange(12, dtype="f4").reshape(4, 3)
    path = write(
        tmp_path / "file.fits",
        fits.Column("A", "3E", array=-values),
        fits.Column("B", "3E", array=values),
    )
    monkeypatch.setattr(table_module, "SMALL_TABLE", 0)
    with FitsFile(path) as file:
        (table,) = file.tables()
        monkeypatch.setattr(table, "rows", None)
        np.testing.assert_array_equal(table.column(table.fields[1]), values)
        np.testing.assert_array_equal(table.column(table.fields[1], 1, 99), values[1:])


@pytest.mark.parametrize(
    ("keyword", "value", "message"),
    [
        ("TFORM1", "3Z", "has the unsupported format '3Z'"),
        ("TFORM1", "2D", "do not add up to its row length"),
    ],
)
def test_invalid_column_formats_are_refused(
    tmp_path: Path, keyword: str, value: str, message: str
) -> None:
    path = write(tmp_path / "file.fits", fits.Column("A", "D", array=[1.0]))
    card = f"{keyword:8}= '{value:8}'"
    content = path.read_bytes().replace(f"{keyword:8}= 'D       '".encode(), card.encode())
    path.write_bytes(content)
    with FitsFile(path) as file:
        (table,) = file.tables()
        with pytest.raises(RefusedError, match=message):
            table.rows()


def test_missing_values(tmp_path: Path) -> None:
    path = write(
        tmp_path / "file.fits",
        fits.Column("PLAIN", "I", null=-9, array=np.array([1, -9, 3], "i2")),
        fits.Column("SCALED", "I", null=-9, array=np.array([1, -9, 3], "i2")),
        fits.Column("FLOAT", "E", array=np.array([1.0, -9.0, 3.0], "f4")),
    )
    with fits.open(path, mode="update") as hdus:
        hdus[1].header.update({"TSCAL2": 0.5, "TZERO2": 10.0})
        hdus[1].header["TNULL3"] = -9  # has no meaning for floats
    with FitsFile(path) as file:
        (table,) = file.tables()
        rows = table.rows()
        values = {field.key: table.values(field, rows) for field in table.fields}
    np.testing.assert_array_equal(values["PLAIN"], [1, np.nan, 3])
    assert values["FLOAT"].dtype == "f4"
    np.testing.assert_array_equal(values["FLOAT"], [1, -9, 3])
    np.testing.assert_array_equal(values["SCALED"], [10.5, np.nan, 11.5])
