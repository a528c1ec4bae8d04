"""Creation of the engine that the settings select."""

from spectraldb.engines.base import Engine
from spectraldb.engines.duckdb import DuckDBEngine
from spectraldb.engines.local import LocalEngine
from spectraldb.engines.spark.engine import SparkEngine
from spectraldb.settings import Settings
from spectraldb.storage.store import Store


def open_engine(settings: Settings, store: Store, duckdb: DuckDBEngine) -> Engine:
    """Return the engine that the settings select; the local engine uses `duckdb`."""
    if settings.engine == "spark":
        return SparkEngine(settings, store)
    return LocalEngine(duckdb, store, settings.time_limit)
