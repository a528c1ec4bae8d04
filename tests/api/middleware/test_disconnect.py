"""A search ends when its client disconnects."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.engines.duckdb import DuckDBEngine, Session
from spectraldb.errors import StoppedError
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.folder_store import FolderStore
from tests.support.server import served

ENDLESS = "select count(*) as n from range(1000000000000) t(i) where sqrt(i) < 0"


def test_running_query_is_interrupted(tmp_path: Path) -> None:
    engine = DuckDBEngine(Settings(lake=tmp_path), FolderStore(tmp_path))
    start = time.monotonic()
    cancel = Cancellation(lambda: time.monotonic() > start + 0.2)
    with pytest.raises(StoppedError), engine.running(cancel) as session:
        session.run(ENDLESS, {})
    engine.close()


@pytest.mark.parametrize("path", ["search", "search/count", "search.csv"])
def test_search_ends_when_its_client_disconnects(
    samples: Service, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    began, ended = threading.Event(), threading.Event()
    run = DuckDBEngine.running

    @contextmanager
    def endless(self: DuckDBEngine, cancel: Cancellation = NEVER) -> Iterator[Session]:
        try:
            with run(self, cancel) as session:
                if cancel is not NEVER:
                    began.set()
                    session.run(ENDLESS, {})
                yield session
        except StoppedError:
            ended.set()
            raise

    monkeypatch.setattr(DuckDBEngine, "running", endless)
    with served(samples) as address:
        port = int(address.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as client:
            request = f"GET /spectra/api/v0.1/{path}?wavelength=1,2 HTTP/1.1\r\nHost: x\r\n\r\n"
            client.sendall(request.encode())
            assert began.wait(10)
            assert not ended.is_set()
        assert ended.wait(10)
