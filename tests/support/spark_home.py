"""Skip tests on Apache Spark if it is not installed.

SPECTRALDB_NEED_SPARK=1 makes them fail instead.
"""

import os

import pytest

from tests.support.clusters import spark_home

NEED = "SPECTRALDB_NEED_SPARK"


def uses_spark() -> bool:
    """Return whether tests run on Apache Spark: it is installed, or required."""
    try:
        spark_home()
    except FileNotFoundError:
        return bool(os.environ.get(NEED))
    return True


def spark_or_skip() -> None:
    """Skip a test if Apache Spark is not installed; fail it if Spark is required."""
    try:
        spark_home()
    except FileNotFoundError as error:
        if os.environ.get(NEED):
            pytest.fail(str(error))
        pytest.skip(str(error))
