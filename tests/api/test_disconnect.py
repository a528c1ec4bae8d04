"""A client that goes away ends its search."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from spectraldb.api.app import create_app
from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.engines.duckdb import DuckDBEngine, Session
from spectraldb.errors import StoppedError
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.folder_store import FolderStore

ENDLESS = "select count(*) as n from range(1000000000000) t(i) where sqrt(i) < 0"


@pytest.fixture
def port(real: Service) -> Iterator[int]:
    """Serve the real files over HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(create_app(real), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


def test_a_running_query_is_ended(tmp_path: Path) -> None:
    engine = DuckDBEngine(Settings(lake=tmp_path), FolderStore(tmp_path))
    start = time.monotonic()
    cancel = Cancellation(lambda: time.monotonic() > start + 0.2)
    with pytest.raises(StoppedError), engine.running(cancel) as own:
        own.run(ENDLESS, {})
    engine.close()


@pytest.mark.parametrize("path", ["search", "search/count", "search.csv"])
def test_a_client_that_goes_away_ends_its_search(
    port: int, monkeypatch: pytest.MonkeyPatch, path: str
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
    with socket.create_connection(("127.0.0.1", port)) as client:
        request = f"GET /spectra/api/v0.1/{path}?wavelength=1,2 HTTP/1.1\r\nHost: x\r\n\r\n"
        client.sendall(request.encode())
        assert began.wait(10)
        assert not ended.is_set()
    assert ended.wait(10)
