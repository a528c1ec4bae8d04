"""Servers that fail, and what is imported."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow as pa
import pytest

from spectraldb import SpectralDB
from spectraldb.client import remote as module
from spectraldb.errors import LakeError, LimitError, NoAnswerError, SpectralDBError
from spectraldb.service.service import Service

Answer = Callable[[BaseHTTPRequestHandler, int], None]
GOOD = b'{"status": 1, "products": 7}'


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, length: int = 0) -> None:
    handler.send_response(status)
    handler.send_header("content-length", str(length or len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def server(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """Give the address of a server, and what it was asked; `answer` knows how often before."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self, len(asked))

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{served.server_port}", asked
    finally:
        served.shutdown()
        thread.join()
        served.server_close()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF_SECONDS", 0.0)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_that_fails_is_asked_again(status: int) -> None:
    def answer(handler: BaseHTTPRequestHandler, n: int) -> None:
        send(handler, 200 if n > 2 else status, GOOD if n > 2 else b"<html>")

    with server(answer) as (address, asked), SpectralDB(address, progress=False) as db:
        assert db.holdings["products"] == 7
        assert len(asked) == 3


def test_a_connection_that_breaks_is_made_again() -> None:
    def answer(handler: BaseHTTPRequestHandler, n: int) -> None:
        if n < 3:
            handler.connection.close()
        else:
            send(handler, 200, GOOD)

    with server(answer) as (address, asked), SpectralDB(address, progress=False) as db:
        assert db.holdings["products"] == 7
        assert len(asked) == 3


def test_the_message_of_a_server_that_goes_on_failing() -> None:
    body = b'{"status": 0, "message": "the lake cannot be read now; try again later"}'
    with (
        server(lambda handler, _: send(handler, 503, body)) as (address, asked),
        SpectralDB(address, retries=2, progress=False) as db,
    ):
        with pytest.raises(LakeError, match=r"^the lake cannot be read now; try again later$"):
            db.holdings  # noqa: B018
        assert len(asked) == 3


def test_what_is_wrong_with_the_question_is_not_asked_again() -> None:
    body = b'{"status": 0, "message": "too much"}'
    with (
        server(lambda handler, _: send(handler, 422, body)) as (address, asked),
        SpectralDB(address, progress=False) as db,
    ):
        with pytest.raises(LimitError, match="too much"):
            db.search(wavelength=3).to_arrow()
        assert len(asked) == 1


def test_an_error_page_of_something_between() -> None:
    with (
        server(lambda handler, _: send(handler, 403, b"<html>no</html>")) as (address, _),
        SpectralDB(address, progress=False) as db,
        pytest.raises(SpectralDBError, match="/holdings answered 403 Forbidden"),
    ):
        db.holdings  # noqa: B018


def test_nobody_there() -> None:
    with (
        SpectralDB("http://127.0.0.1:9", retries=1, progress=False) as db,
        pytest.raises(NoAnswerError, match=r"127.0.0.1:9 does not answer: .*refused"),
    ):
        db.holdings  # noqa: B018


def test_a_server_that_is_slow() -> None:
    done = threading.Event()

    def answer(handler: BaseHTTPRequestHandler, n: int) -> None:
        if n == 1:
            done.wait(5)
        else:
            send(handler, 200, GOOD)

    with server(answer) as (address, asked), SpectralDB(address, timeout=0.2, progress=False) as db:
        assert db.holdings["products"] == 7
        done.set()
        assert len(asked) == 2


@pytest.mark.parametrize("cut", [0.1, 0.6, 0.99])
def test_an_answer_that_ends_early_is_no_answer(real: Service, cut: float) -> None:
    table = real.stream([("wavelength", "3,4")])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        for batch in table.batches():
            writer.write_batch(batch.cast(table.schema))
    body = sink.getvalue().to_pybytes()

    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        send(handler, 200, body[: int(len(body) * cut)], len(body))

    with server(answer) as (address, _), SpectralDB(address, progress=False) as db:
        with pytest.raises(NoAnswerError, match="ended before it was whole"):
            db.search(wavelength=(3, 4)).to_arrow()
        with pytest.raises(NoAnswerError, match="ended before it was whole"):
            db.retrieve("x.fits")


@pytest.mark.parametrize("ending", ["", "/", "/spectra/api/v0.1", "/spectra/api/v0.1/"])
def test_addresses_with_a_path(ending: str) -> None:
    with SpectralDB(f"http://h:1/jwst{ending}") as db:
        expected = "http://h:1/jwst/spectra/api/v0.1/search?flux.gte=3.0+mJy"
        assert db.search("flux.gte=3.0 mJy").url == expected


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(lambda handler, _: send(handler, 200, GOOD)) as (address, asked):
        monkeypatch.setenv("http_proxy", address)
        monkeypatch.delenv("no_proxy", raising=False)
        with SpectralDB("http://spectra.invalid", progress=False) as db:
            assert db.holdings["products"] == 7
        assert asked == ["http://spectra.invalid/spectra/api/v0.1/holdings"]
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with SpectralDB(address, progress=False) as db:
            assert db.holdings["products"] == 7


def test_progress_is_shown(remote: SpectralDB, capsys: pytest.CaptureFixture[str]) -> None:
    address = remote.search().url.split("/spectra")[0]
    with SpectralDB(address, progress=True) as db:
        names = list(db.search_products(product="x1d", limit=3).to_table()["uri"])
        db.retrieve(names)
    told = capsys.readouterr().err
    assert "products" in told
    assert "retrieving" not in told
    with SpectralDB(address, progress=False) as db:
        db.retrieve(names)
    assert capsys.readouterr().err == ""


# What is imported


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout


def test_importing_is_light() -> None:
    heavy = [
        "astropy.wcs",
        "astropy.io.fits",
        "astropy.table",
        "fastapi",
        "uvicorn",
        "pandas",
        "polars",
        "matplotlib",
        "specutils",
        "duckdb",
        "deltalake",
        "pydantic",
        "sqlglot",
        "asdf",
        "gwcs",
        "typer",
    ]
    loaded = run("import spectraldb, sys; spectraldb.SpectralDB; print(*sys.modules)").split()
    assert not set(heavy) & set(loaded)
    loaded = run("import spectraldb, sys; print(*sys.modules)").split()
    assert "pyarrow" not in loaded


WITHOUT = """
import sys
from importlib.metadata import requires
from packaging.requirements import Requirement

NAMES = {"fastapi-offline": "fastapi_offline", "pydantic-settings": "pydantic_settings",
         "asdf-astropy": "asdf_astropy"}
marked = [Requirement(text) for text in requires("spectraldb")]
client = {r.name for r in marked if r.marker is None}
for absent in {r.name for r in marked if r.marker is not None} - client:
    sys.modules[NAMES.get(absent, absent)] = None
"""


NO_COMMAND = (
    "the command needs more than the client (typer is not installed): "
    "pip install 'spectraldb[server]', or in a clone pip install '.[server]'"
)


def test_the_client_needs_only_its_own_packages(server_address: str) -> None:
    told = run(
        WITHOUT
        + f"""
from spectraldb import SpectralDB
db = SpectralDB({server_address!r}, progress=False)
search = db.search(wavelength=(3.2, 3.3), limit=5)
print(len(search.to_qtable()), search.count() > 5, len(list(search)))
product = db.retrieve(str(search.to_table()["fileName"][0]))
print(product.table["flux"].unit, product.fits()[0].header["TELESCOP"])
for ask in (product.spectrum, product.plot):
    try:
        ask()
    except ModuleNotFoundError as error:
        print(error)
try:
    SpectralDB("/nowhere")
except ModuleNotFoundError as error:
    print(error)
sys.argv = ["spectraldb"]
from spectraldb.__main__ import main
try:
    main()
except SystemExit as error:
    print(error)
"""
    )
    assert told.splitlines() == [
        "5 True 5",
        "Jy JWST",
        "this needs specutils: install it with pip install 'spectraldb[spectra]'",
        "this needs matplotlib: install it with pip install 'spectraldb[plot]'",
        "this needs duckdb: install it with pip install 'spectraldb[server]'",
        NO_COMMAND,
    ]


def test_tables_of_others_need_their_packages(
    remote: SpectralDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pandas", "polars"):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(ModuleNotFoundError, match=f"this needs {name}: .* pip install {name}"):
            getattr(remote.search(limit=1), f"to_{name}")()
