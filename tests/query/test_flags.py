"""Tests of conditions on the bits of the data quality, compared with integer arithmetic."""

import operator
from functools import reduce
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.errors import BadQueryError
from spectraldb.query.conditions import read_condition
from spectraldb.query.values import read_flag
from spectraldb.schema.dq_flags import DQ_FLAGS
from spectraldb.service.service import Service
from tests.support.small_files import write_x1d

FLAGS = st.sampled_from([*DQ_FLAGS, *map(str.lower, DQ_FLAGS)]) | st.integers(1, 2**32 - 1).map(str)


def mask_of(text: str) -> int:
    condition = read_condition("dq.has", text)
    return reduce(operator.or_, map(int, condition.values))


@given(st.lists(FLAGS, min_size=1, max_size=5))
def test_sum_of_flags(flags: list[str]) -> None:
    values = [DQ_FLAGS.get(flag.upper()) or int(flag) for flag in flags]
    assert mask_of(",".join(flags)) == reduce(operator.or_, values)


def test_names_of_earlier_releases() -> None:
    assert read_flag("dq.has", "undersamp") == 128
    assert read_flag("dq.has", "UNRELIABLE_RESET") == 2**28


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("dq.has", "DO_NOT_USED", "Unknown flag 'DO_NOT_USED'. Did you mean DO_NOT_USE?"),
        ("quality.lacks", "1.5", "quality.lacks: Unknown flag '1.5'."),
        ("dq.has", "\u00b2", "Unknown flag"),  # a digit, but not a number
        ("dq.has", str(2**32), "is not a sum of flags."),
        ("dq.has", "", "dq.has: The value is missing."),
        ("flux.has", "1", "The operator 'has' does not apply to flux"),
    ],
)
def test_errors(name: str, text: str, message: str) -> None:
    with pytest.raises(BadQueryError) as error:
        read_condition(name, text)
    assert message in str(error.value)


@pytest.mark.parametrize("optimized", [False, True])
def test_searches(lake: Service, tmp_path: Path, *, optimized: bool) -> None:
    dq = np.random.default_rng(3).choice([0, 1, 4, 5, 512, 513, 2**31, 2**31 + 1], 500)
    columns = {"WAVELENGTH": np.linspace(1, 2, 500), "FLUX": np.ones(500)}
    dq = dq.astype("u4")
    lake.ingest(
        [
            write_x1d(tmp_path / "a_x1d.fits", columns | {"DQ": dq}),
            write_x1d(tmp_path / "b_x1d.fits", columns),  # without DQ: never matches
        ]
    )
    if optimized:
        lake.optimize()
    for text in ("1", "4,DO_NOT_USE", "REFERENCE_PIXEL", "5,512"):
        mask = mask_of(text)
        assert lake.count([("dq.has", text)]).pixels == np.count_nonzero(dq & mask == mask)
        assert lake.count([("quality.lacks", text)]).pixels == np.count_nonzero(dq & mask == 0)
    both = [("dq.has", "1"), ("dq.lacks", "NON_SCIENCE"), ("wavelength", "1.2,1.3")]
    window = (columns["WAVELENGTH"] >= 1.2) & (columns["WAVELENGTH"] <= 1.3)
    expected = np.flatnonzero(window & (dq & 1 == 1) & (dq & 512 == 0))
    assert lake.search(both).rows["x"].to_pylist() == expected.tolist()


@pytest.mark.parametrize("dtype", ["i2", "i4", "i8", "u4", "f8"])
def test_types_of_flags(lake: Service, tmp_path: Path, dtype: str) -> None:
    highest = 2 ** (15 if dtype == "i2" else 31)
    dq = np.array([0, 1, highest, highest + 1], "u8")
    stored = dq.astype("u2" if dtype == "i2" else "u4").view(dtype) if dtype in ("i2", "i4") else dq
    columns = {"WAVELENGTH": np.arange(1.0, 5.0), "FLUX": np.ones(4), "DQ": stored.astype(dtype)}
    lake.ingest([write_x1d(tmp_path / "a_x1d.fits", columns)])
    lake.optimize()
    assert lake.search([("dq.has", "1"), ("columns", "dq")]).rows["x"].to_pylist() == [1, 3]
    assert lake.count([("dq.has", str(highest))]).pixels == 2
    assert lake.search([("columns", "dq")]).rows["dq"].to_pylist() == dq.tolist()
