"""Public behaviour that a refactoring must not change, compared with recorded values.

This covers OpenAPI, SQL, exit codes, the names of the client, and every name that programs read.
The tests import Spectral DB only through `frozen.adapter`, the one file to edit when modules move.
To accept an intended change, record the values again, and check the difference before the commit::

    SPECTRALDB_TEST_RECORD=1 python -m pytest tests/frozen
"""
