"""What others depend on and no restructuring may change, compared with what was recorded.

OpenAPI, SQL, exit codes, the client's names, and every name that a program reads. These tests
import nothing of Spectral DB but `frozen.adapter`, the one file to edit when modules move.
To accept a change that is meant, record anew, and read the difference before it is committed::

    SPECTRALDB_TEST_RECORD=1 python -m pytest tests/frozen
"""
