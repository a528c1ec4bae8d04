"""Whether Apache Spark is here: the tests on it are skipped where it is not.

SPECTRALDB_NEED_SPARK=1 makes that a failure.
"""

import os

import pytest

from tests.support.clusters import spark_home


def spark_or_skip() -> None:
    """Skip a test if Apache Spark is not installed."""
    try:
        spark_home()
    except FileNotFoundError as error:
        if os.environ.get("SPECTRALDB_NEED_SPARK"):
            pytest.fail(str(error))
        pytest.skip(str(error))
