"""nginx: busy and failing servers, limits, and errors in the shape of the server's errors."""

import shutil
import socket
import subprocess
from http.client import HTTPResponse
from pathlib import Path

import pytest

from tests.deploy.backends import Backend, Response, send
from tests.deploy.conftest import Proxy
from tests.deploy.files import DEPLOY


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_configuration_is_valid(tmp_path: Path) -> None:
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; include {DEPLOY}/nginx.conf; }}"
    )
    done = subprocess.run(
        ["nginx", "-t", "-c", str(whole)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    # The address that a client claims is not passed on.
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in (DEPLOY / "nginx.conf").read_text()


def test_another_server_responds_if_one_is_busy(proxy: Proxy) -> None:
    with Backend(proxy.servers[0], "one") as one, Backend(proxy.servers[1], "two") as two:
        one.busy = True
        for _ in range(4):
            assert send(proxy.port).body == b"two"
        # POST requests to `match` are repeated too.
        assert [send(proxy.port, "/spectra/api/v0.1/match", b"ra,dec").body for _ in "ab"] == [
            b"two",
            b"two",
        ]
        assert one.requests
        assert one.requests[0]["X-Forwarded-For"] == "127.0.0.1"
        # It gets requests again as soon as it is no longer busy.
        one.busy, two.busy = False, True
        assert send(proxy.port).body == b"one"


def test_client_gets_the_message_of_a_busy_server(proxy: Proxy) -> None:
    with Backend(proxy.servers[0], "one") as one, Backend(proxy.servers[1], "two") as two:
        one.busy = two.busy = True
        for _ in range(3):
            response = send(proxy.port)
            assert response.status == 503
            assert response.message.startswith("The server is busy with 5 requests")
            assert response.headers["Retry-After"] == "7"
        assert send(proxy.port, method="HEAD").status == 503
        assert len(one.requests) == len(two.requests) == 4
        two.busy = False
        assert send(proxy.port, "/ready").body == b"two"


def test_server_that_is_down(proxy: Proxy) -> None:
    response = send(proxy.port)
    assert (response.status, response.message) == (502, "No server responds. Retry after 5 s.")
    assert response.headers["Retry-After"] == "5"
    with Backend(proxy.servers[1], "two") as two:
        assert {send(proxy.port).body for _ in range(4)} == {b"two"}
        two.busy = True
        # No matter which of the two gets the request first.
        responses = [send(proxy.port) for _ in range(4)]
        assert {response.status for response in responses} == {503}
        assert all("busy" in response.message for response in responses)
        assert all(response.headers["Retry-After"] for response in responses)
        assert len(two.requests) == 8


def test_requests_of_a_stopping_server_go_to_another(proxy: Proxy) -> None:
    with Backend(proxy.servers[0], "one") as one, Backend(proxy.servers[1], "two"):
        one.closed = True
        responses = [send(proxy.port, "/match", b"ra,dec") for _ in range(4)]
        assert {response.body for response in responses} == {b"two"}
        assert one.requests


@pytest.mark.parametrize("proxy", ["proxy_read_timeout 200ms"], indirect=True)
def test_server_that_takes_too_long(proxy: Proxy) -> None:
    with Backend(proxy.servers[0], "one") as one, Backend(proxy.servers[1], "two") as two:
        one.may_respond.clear()
        two.may_respond.clear()
        response = send(proxy.port)
        one.may_respond.set()
        two.may_respond.set()
    assert (response.status, response.message) == (
        504,
        "The server took too long to respond. Retry later.",
    )
    assert response.headers["Retry-After"] == "5"


def test_rate_limit_of_a_client(proxy: Proxy) -> None:
    with Backend(proxy.servers[0], "one"), Backend(proxy.servers[1], "two"):
        assert {send(proxy.port).status for _ in range(10)} == {200}
        response = send(proxy.port)
        assert response.status == 429
        assert response.message == "Too many requests from this client. Retry after 1 s."
        assert response.headers["Retry-After"] == "1"
        # No rate limit, as in the server itself.
        assert {send(proxy.port, path).status for path in ("/health", "/ready")} == {200}


def test_refusals_look_like_errors_of_the_server(proxy: Proxy) -> None:
    with Backend(proxy.servers[0], "one") as one, Backend(proxy.servers[1], "two") as two:
        assert send(proxy.port, "/metrics").status == 404
        assert send(proxy.port, "/metrics").message
        for status, path, body in (
            (413, "/match", b"x" * 2000),
            (414, "/search?" + "x" * 20_000, None),
        ):
            response = send(proxy.port, path, body)
            assert response.status == status
            assert response.message
        assert not one.requests + two.requests
        # As long as the server itself accepts.
        assert send(proxy.port, "/search?" + "x" * 15_000).status == 200


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET a b c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"x" * 20_000 + b"\r\n\r\n",
    ],
    ids=["two hosts", "no path", "long header"],
)
def test_unreadable_request(proxy: Proxy, request_: bytes) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port)) as raw:
        raw.sendall(request_)
        with HTTPResponse(raw) as answer:
            answer.begin()
            response = Response(answer.status, answer.read(), answer.headers)
    assert (response.status, response.message) == (400, "The request is not valid HTTP.")
