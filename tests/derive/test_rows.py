"""Tests of the rows of the three tables, for every product."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from astropy.io import fits

from spectraldb.derive.rows import Totals, product_row, tabulate
from spectraldb.products.open import open_product
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.columns import columns_of
from spectraldb.schema.tables import Table
from tests.support import oracle
from tests.support.layouts import LAYOUTS, write_layout
from tests.support.product_files import ProductFile, for_files, path_of


def tables_of(path: Path) -> tuple[pa.Table, pa.Table, dict[str, object]]:
    """Return the spectrum rows, the pixel rows and the product row of a file."""
    totals = Totals()
    with open_product(path) as product:
        rows = list(tabulate(product, 7, totals))
        row = product_row(product, {"location": str(path)}, totals)
    spectra, pixels = (
        pa.concat_tables([getattr(r, n) for r in rows]) for n in ("spectra", "pixels")
    )
    return spectra, pixels, row


@for_files()
def test_pixels_with_a_flux_are_stored(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    _, pixels, _ = tables_of(path)
    assert pixels.schema == SCHEMAS[Table.PIXEL]
    start = 0
    for spectrum in oracle.spectra(path):
        stored = np.isfinite(spectrum.pixels["flux"])
        rows = pixels.slice(start, int(stored.sum()))
        start += len(rows)
        assert set(rows["spectrum"].to_pylist()) <= {spectrum.number}
        assert rows["pixel"].to_pylist() == np.flatnonzero(stored).tolist()
        for name, values in spectrum.pixels.items():
            if name != "surfBright":
                assert_column(rows[name], values[stored])
    assert start == len(pixels)
    assert set(pixels["productId"].to_pylist()) == {7}


def assert_column(column: Any, expected: Any) -> None:
    values = column.to_numpy(zero_copy_only=False)
    if values.dtype.kind == "O":  # bools, or numbers with nulls
        values = np.array([np.nan if v is None else v for v in values], "f8")
    np.testing.assert_array_equal(values, np.asarray(expected, "f8"))


@for_files()
def test_each_spectrum_has_a_row(source: ProductFile, tmp_path: Path) -> None:
    spectra, pixels, _ = tables_of(path_of(source, tmp_path))
    assert spectra.schema == SCHEMAS[Table.SPECTRUM]
    assert spectra["spectrum"].to_pylist() == list(range(len(spectra)))
    good = pixels.filter(pixels["good"])["spectrum"].value_counts().to_pylist()
    counts = {each["values"]: each["counts"] for each in good}
    assert spectra["nGood"].to_pylist() == [counts.get(n, 0) for n in range(len(spectra))]


@for_files()
def test_product_row_has_keywords_and_totals(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    spectra, pixels, row = tables_of(path)
    assert row["location"] == str(path)
    assert row["nSpectra"] == len(spectra)
    assert row["nStored"] == len(pixels)
    wavelength = pixels["wavelength"].drop_null().to_numpy()
    assert row["productWavelengthMin"] == wavelength.min()
    assert row["productWavelengthMax"] == wavelength.max()
    header = fits.getheader(path)
    for column in columns_of(Table.PRODUCT):
        present = [header[name] for name in column.fits if header.get(name) not in (None, "")]
        if present:
            assert row[column.name] == (str(present[0]) if column.dtype == "string" else present[0])


def test_values_of_the_wrong_type_are_null(tmp_path: Path) -> None:
    path = write_layout(next(x for x in LAYOUTS if x.key == "x1d-team"), tmp_path)
    for keyword, value in (("TARG_RA", "somewhere"), ("EXPSTART", True), ("PROGRAM", 1234)):
        fits.setval(path, keyword, value=value)
    *_, row = tables_of(path)
    assert (row["targetRA"], row["expStart"], row["program"]) == (None, None, "01234")
