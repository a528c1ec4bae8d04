"""Tests of the ranges of spectra, which must equal those of the stored pixels exactly."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from spectraldb.derive.ranges import ranges
from spectraldb.derive.rows import Totals, tabulate
from spectraldb.products.open import open_product
from spectraldb.query.sql.expressions import COMPUTED
from spectraldb.schema.columns import RANGED
from tests.support.product_files import ProductFile, for_files, path_of

VALUES = st.floats(width=32) | st.just(float("nan"))


@for_files()
def test_ranges_match_the_stored_pixels(source: ProductFile, tmp_path: Path) -> None:
    with open_product(path_of(source, tmp_path)) as product:
        for rows in tabulate(product, 1, Totals()):
            assert_ranges(rows.pixels, rows.spectra)


def assert_ranges(pixels: Any, spectra: Any) -> None:
    values = {column.name: COMPUTED.get(column.name, f"s.{column.name}") for column in RANGED}
    expected = ", ".join(f"min({v}) as {n}_low, max({v}) as {n}_high" for n, v in values.items())
    differs = "count(*) filter (c.{0}{1} is distinct from {0}_{2})"
    ends = (("Low", "low"), ("High", "high"))
    differences = [differs.format(name, *end) for name in values for end in ends]
    query = f"""
        with e as (select spectrum, {expected} from pixels s group by spectrum)
        select {", ".join(differences)} from spectra c left join e using (spectrum)
    """
    with duckdb.connect() as connection:
        connection.register("pixels", pixels)
        connection.register("spectra", spectra)
        row = connection.execute(query).fetchone()
    assert row is not None
    assert dict(zip(differences, row, strict=True)) == dict.fromkeys(differences, 0)


@given(st.lists(hnp.arrays("f4", st.integers(0, 5), elements=VALUES), min_size=1, max_size=5))
def test_ranges_of_arbitrary_numbers(spectra: list[Any]) -> None:
    counts = np.array([len(spectrum) for spectrum in spectra])
    flux = np.concatenate(spectra)
    found = ranges({"flux": flux, "fluxErr": None}, counts)
    if not len(flux):
        assert not found
        return
    for end, extreme in (("Low", np.nanmin), ("High", np.nanmax)):
        expected = [
            None if np.isnan(spectrum).all() else float(extreme(spectrum)) for spectrum in spectra
        ]
        assert found[f"flux{end}"].to_pylist() == expected


def test_columns_without_values_have_no_ranges() -> None:
    counts = np.array([0, 2, 0, 1])
    pixels = {"flux": np.array([3.0, -1.0, 5.0]), "fluxErr": np.array([1.0, 0.0, 2.0]), "dq": None}
    found = ranges(pixels, counts)
    assert set(found) == {
        f"{n}{end}" for n in ("flux", "fluxErr", "snr") for end in ("Low", "High")
    }
    assert found["fluxLow"].to_pylist() == [None, -1.0, None, 5.0]
    assert found["snrHigh"].to_pylist() == [None, 3.0, None, 2.5]  # S/N is null if the error is 0
