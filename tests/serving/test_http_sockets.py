"""What slow, silent and too many connections do to a server: nothing."""

import contextlib
import logging
import socket
import threading
import time

import httpx
import pytest

from keras_snow.serving.http import server_options
from keras_snow.serving.http.connections.log_limit import limited_logs
from keras_snow.serving.http.connections.make_server import share_files
from tests.serving.fake_engines import Colours
from tests.serving.http_requests import picture
from tests.serving.http_requests import wait_for

HEAD = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
HALF_HEAD = HEAD[:-2]
LIVE = b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
SOON = {"header_timeout": 0.3, "idle_timeout": 0.3, "timeout": 0.3}
TOO_LONG = 10


@pytest.fixture
def connect():
    """Opens connections that send something and then wait."""
    with contextlib.ExitStack() as stack:

        def open_one(address, sent=b""):
            host, port = address.removeprefix("http://").split(":")
            opened = socket.create_connection((host, int(port)), TOO_LONG)
            stack.enter_context(opened)
            opened.sendall(sent)
            return opened

        yield open_one


def until_closed(opened):
    """Returns what is answered until the server closes."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while data := opened.recv(65536):
            found += data
    return found


def drip(opened):
    """Returns what is answered to a byte now and then, until it is closed."""
    opened.settimeout(0.05)
    found = b""
    deadline = time.monotonic() + TOO_LONG
    while time.monotonic() < deadline:
        try:
            data = opened.recv(65536)
        except TimeoutError:
            opened.sendall(b"x")  # Starts no new time.
            continue
        if not data:
            break
        found += data
    return found


def is_live(address):
    found = httpx.get(f"{address}/v2/health/live", timeout=TOO_LONG)
    return found.status_code == 200


def test_slow_bodies_take_no_place_of_others(open_server, shop, connect):
    address, _ = open_server(shop, max_queue=2)
    for _ in range(10):
        connect(address, HEAD + b"x")
    found = httpx.post(f"{address}/predict", content=picture())
    assert found.status_code == 200


def test_whatever_does_not_come_is_not_waited_for(open_server, shop, connect):
    address, _ = open_server(shop, **SOON)
    began = time.monotonic()
    silent = connect(address)
    half = connect(address, HALF_HEAD)
    body = connect(address, HEAD + b"x")
    idle = connect(address, LIVE)
    next_half = connect(address, LIVE + HALF_HEAD)
    assert b"HTTP/1.1 408" in drip(half)
    assert until_closed(silent) == b""
    assert b"HTTP/1.1 408" in until_closed(body)
    assert until_closed(idle).startswith(b"HTTP/1.1 200")
    assert b"live" in until_closed(next_half)
    assert time.monotonic() - began < TOO_LONG
    assert is_live(address)


def test_a_request_ends_if_its_answer_is_not_read(
    open_server, shop, connect, monkeypatch
):
    monkeypatch.setattr(server_options, "_GRACE", 0.1)
    address, _ = open_server(shop, **SOON | {"timeout": 0.1})
    unread = connect(address)
    page = LIVE.replace(b"/v2/health/live", b"/metrics")
    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        unread.sendall(page * 100_000)
    assert is_live(address)


@pytest.mark.parametrize("sent", [b"", HALF_HEAD, HEAD + b"x"])
def test_what_sends_nothing_makes_room_for_others(
    open_server, shop, connect, sent
):
    address, _ = open_server(shop, max_connections=4)
    silent = [connect(address, sent) for _ in range(12)]
    assert is_live(address)
    assert until_closed(silent[0]) == b""


def test_one_more_connection_than_can_be_at_work_is_told(
    open_server, shop, connect, monkeypatch
):
    held = threading.Event()
    answer = Colours.__call__
    monkeypatch.setattr(
        Colours, "__call__", lambda *args: held.wait(TOO_LONG) and answer(*args)
    )
    address, service = open_server(shop, max_connections=2)
    image = picture()
    head = HEAD.replace(b"9", str(len(image)).encode())
    busy = [connect(address, head + image) for _ in range(2)]
    wait_for(lambda: service._intake.at_work == 2)
    refused = connect(address, LIVE)
    assert b"HTTP/1.1 503" in until_closed(refused)
    held.set()
    for each in busy:
        assert each.recv(100).startswith(b"HTTP/1.1 200")


def test_what_is_no_http_is_refused_in_a_sentence(open_server, shop, connect):
    address, _ = open_server(shop)
    found = until_closed(connect(address, b"\x16\x03\x01 no HTTP\r\n\r\n"))
    assert found.startswith(b"HTTP/1.1 400")
    assert b'{"error":' in found


def test_head_has_the_headers_of_get_alone(open_server, shop, connect):
    address, _ = open_server(shop, **SOON)
    found = until_closed(connect(address, LIVE.replace(b"GET", b"HEAD")))
    head, _, body = found.partition(b"\r\n\r\n")
    assert b"content-length: 13" in head.lower()
    assert body == b""


def test_connections_leave_files_for_the_rest():
    limit, spare = share_files(256, 1000)
    assert limit + spare < 200
    assert share_files(100_000, 1000)[0] == 1000
    assert min(share_files(2, 1000)) >= 1


def test_a_line_that_strangers_cause_is_logged_once_in_a_while(caplog):
    logger = logging.getLogger("asyncio")
    with limited_logs():
        for port in range(100):
            logger.error("socket.accept() failed\nsocket: %s", port)
        logger.error("another")
    logger.error("another")
    assert len(caplog.messages) == 3
