"""Whether Apache Spark is here: the tests on it do not run where it is not.

SPECTRALDB_NEED_SPARK=1 makes that a failure.
"""

import os

import pytest

from tests.support.clusters import spark_home

NEED = "SPECTRALDB_NEED_SPARK"


def uses_spark() -> bool:
    """Return whether tests run on Apache Spark: it is installed, or it is an error if it is not."""
    try:
        spark_home()
    except FileNotFoundError:
        return bool(os.environ.get(NEED))
    return True


def spark_or_skip() -> None:
    """Skip a test if Apache Spark is not installed; fail it if it has to be."""
    try:
        spark_home()
    except FileNotFoundError as error:
        if os.environ.get(NEED):
            pytest.fail(str(error))
        pytest.skip(str(error))
