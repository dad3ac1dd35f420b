"""What a server says at its start, and what it still answers at its end."""

import importlib.util
import json
import os
import queue
import signal
import socket
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn

from keras_snow.core.extras import install_command
from keras_snow.serving import open_runtime
from keras_snow.serving.http import ServerOptions
from keras_snow.serving.http.serve import serve
from tests.serving.fake_engines import Colours
from tests.serving.fake_engines import use_fake_engines
from tests.serving.http_requests import picture


@pytest.fixture(autouse=True)
def _kept_signals():
    kinds = (signal.SIGTERM, signal.SIGINT)
    kept = {each: signal.getsignal(each) for each in kinds}
    yield
    for each, handler in kept.items():
        signal.signal(each, handler)


def wait_until_closed(address):
    place = urlsplit(address)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection((place.hostname, place.port)).close()
        except OSError:
            return
        time.sleep(0.01)


def test_a_request_at_work_is_answered(shop, monkeypatch):
    use_fake_engines(monkeypatch)
    at_work, told = threading.Event(), threading.Event()
    answer = Colours.__call__

    def slowly(*arguments):
        at_work.set()
        assert told.wait(10)
        return answer(*arguments)

    monkeypatch.setattr(Colours, "__call__", slowly)
    lines, found = queue.SimpleQueue(), []

    def ask():
        (address,) = [lines.get(timeout=20) for _ in range(2)][1:]
        post = threading.Thread(
            target=lambda: found.append(
                httpx.post(f"{address}/predict", content=picture(), timeout=20)
            )
        )
        post.start()
        assert at_work.wait(10)
        os.kill(os.getpid(), signal.SIGTERM)
        wait_until_closed(address)
        told.set()
        post.join()

    client = threading.Thread(target=ask, daemon=True)
    client.start()
    serve(shop, ServerOptions(port=0), lines.put)
    client.join(10)
    assert [each.status_code for each in found] == [200]


def test_it_waits_for_a_slow_body_and_a_slow_answer(shop, monkeypatch):
    use_fake_engines(monkeypatch)
    waits = []

    def note(server, sockets):
        del sockets
        waits.append(server.config.timeout_graceful_shutdown)

    monkeypatch.setattr(uvicorn.Server, "run", note)
    serve(shop, ServerOptions(port=0, timeout=1.5), print)
    assert waits[0] > 2 * 1.5


def test_it_tells_which_extra_brings_the_runtime_that_it_goes_without(
    shop, monkeypatch
):
    tell = open_runtime.why_second_best
    use_fake_engines(monkeypatch)
    monkeypatch.setattr(open_runtime, "why_second_best", tell)
    monkeypatch.setattr(uvicorn.Server, "run", lambda *args, **named: None)
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == "scipy" else found(name),
    )
    lines = []
    serve(shop, ServerOptions(port=0), lines.append)
    line, *others = [x for x in lines if "not tried" in x]
    assert line.startswith("openvino is preferred, but not tried: ")
    assert "scipy" in line
    assert install_command("export") in line
    assert not others
    lines.clear()
    serve(shop, ServerOptions(port=0, runtime="tensorflow"), lines.append)
    assert not [x for x in lines if "not tried" in x]


def test_it_tells_how_far_its_logits_are(shop, monkeypatch):
    use_fake_engines(monkeypatch)
    monkeypatch.setattr(uvicorn.Server, "run", lambda *args, **named: None)
    manifest, lines = shop / "bundle.json", []
    data = json.loads(manifest.read_text())
    for task, share in zip(data["tasks"], (2e-5, 3e-5), strict=True):
        task["packing_deviation"] = share
    manifest.write_text(json.dumps(data))
    serve(shop, ServerOptions(port=0), lines.append)
    assert lines[0].startswith("birds, cars: 32 px, ")
    assert lines[0].endswith(
        "; logits differ by 1.0e-06 of the largest from the bundle's deltas, "
        "and these by 3.0e-05 from the trained ones"
    )
    del data["tasks"][0]["packing_deviation"]
    manifest.write_text(json.dumps(data))
    serve(shop, ServerOptions(port=0), lines.append)
    assert "these by an unknown share from" in lines[2]
