"""The flags of data quality, compared with those of the pipeline's data models."""

from hypothesis import given
from hypothesis import strategies as st
from stdatamodels.jwst.datamodels.dqflags import pixel

from spectraldb.schema.dq_flags import DQ_FLAGS, flag_names

RENAMED = {"CHARGELOSS", "FLUX_ESTIMATED", "UNRELIABLE_ERROR"}
"""Flags that older releases of the data models name differently."""


def test_values_are_those_of_the_pipeline() -> None:
    known = {name: value for name, value in pixel.items() if name != "GOOD"}
    for name in DQ_FLAGS.keys() & known.keys():
        assert DQ_FLAGS[name] == known[name]
    assert set(DQ_FLAGS.keys() - known.keys()) <= RENAMED


@given(bits=st.sets(st.integers(0, 31)))
def test_names_of_a_value(bits: set[int]) -> None:
    value = sum(1 << bit for bit in bits)
    assert [DQ_FLAGS[name] for name in flag_names(value)] == [1 << bit for bit in sorted(bits)]
