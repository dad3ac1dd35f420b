"""Whatever the server is sent, it refuses in a sentence and goes on."""

import asyncio
import base64
import gzip
import json
import struct
import threading
import time
import zlib

import numpy as np
import pytest

from keras_snow.serving.http import ServerOptions
from keras_snow.serving.http.intake import Intake
from keras_snow.serving.http.refusal import Refusal
from tests.data.bombs import gif_of
from tests.data.bombs import icon_of
from tests.serving.fake_engines import Colours
from tests.serving.http_requests import MODEL
from tests.serving.http_requests import picture
from tests.serving.http_requests import still_answers
from tests.serving.http_requests import tensor
from tests.toys import SIZE

BAD_REQUESTS = {
    "no JSON": b"{",
    "a list": b"[]",
    "no inputs": b"{}",
    "two inputs": {"inputs": [1, 2]},
    "no object": {"inputs": [1]},
    "another input": tensor(name="pixels"),
    "another type": tensor(kind="BYTES"),
    "no shape": tensor(shape=None),
    "a wrong shape": tensor((1, 16, 16, 3)),
    "no images": tensor((0, SIZE, SIZE, 3)),
    "a huge shape": tensor((1, 1, 1, 3), shape=[10**9, 10**9, 10**9, 3]),
    "a fractional shape": tensor((1, 1, 1, 3), shape=[1.0, 1, 1, 3]),
    "too few numbers": tensor(data=[1, 2, 3]),
    "words": tensor(data=["a"]),
    "ragged": tensor(data=[[1], [2, 3]]),
    "out of range": tensor((1, 1, 1, 3), data=[1, 2, 900]),
    "too large a byte": tensor((1, 1, 1, 3), "UINT8", data=[1, 2, 900]),
    "an endless number": b'{"inputs": [{"name": "image", "datatype": "FP32", '
    b'"shape": [1, 1, 1, 3], "data": [1e999, 2, 3]}]}',
    "deeply nested": b"[" * 100_000,
    "outputs without names": tensor() | {"outputs": [{}]},
    "outputs of another kind": tensor() | {"outputs": 3},
    "parameters of another kind": tensor() | {"parameters": []},
    "channels first in what it says is channels last": tensor(
        data=np.full((1, 3, SIZE, SIZE), 100).tolist()
    ),
    "a fraction of a byte": tensor((1, 1, 1, 3), "UINT8", data=[1, 2, 2.5]),
    "a fraction of an integer": tensor((1, 1, 1, 3), "INT32", data=[1, 2, 2.5]),
    "bytes that are missing": tensor(parameters={"binary_data_size": 12}),
    "files that are no base64": tensor((1,), "BYTES", data=["?"]),
    "fewer files than the shape": tensor((2,), "BYTES", data=["aGk="]),
    "no files": tensor((0,), "BYTES", data=[]),
    "an element that is cut short": b'{"inputs": [{"name": "image", "datatype":'
    b' "BYTES", "shape": [1], "parameters": {"binary_data_size": 3}}]}abc',
    "classes that are no number": tensor()
    | {"outputs": [{"name": "cars", "parameters": {"classification": "2"}}]},
    "an unknown parameter": tensor()
    | {"outputs": [{"name": "cars", "parameters": {"clasification": 2}}]},
    "shared memory": tensor(parameters={"shared_memory_region": "mine"}),
}


@pytest.mark.parametrize("asked", BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_a_malformed_inference_is_refused_in_a_sentence(client, asked):
    body = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
    found = client.post(f"{MODEL}/infer", content=body)
    assert found.status_code == 400, found.text
    sentence = found.json()["error"]
    assert sentence
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert still_answers(client)


@pytest.mark.parametrize("length", ["-1", "x", "99999"])
def test_a_header_s_length_that_can_t_be_is_refused(client, length):
    name = "Inference-Header-Content-Length"
    found = client.post(f"{MODEL}/infer", json=tensor(), headers={name: length})
    assert found.status_code == 400


BAD_PICTURES = {
    "empty": (b"", 400),
    "no image": (b"hello", 400),
    "cut short": (picture()[:60], 400),
    "too many bytes": (b"\0" * 200_001, 413),
    "too many pixels": (picture(size=(400, 400)), 422),
    "a thin line": (picture(size=(1, 5000)), 422),
    "a huge frame": (gif_of(16, 2000), 422),
    "a bomb in an icon": (icon_of(picture(size=(2000, 2000))), 400),
}


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_a_picture_that_can_t_be_read_is_refused(client, name):
    data, status = BAD_PICTURES[name]
    found = client.post("/predict", content=data)
    assert found.status_code == status, found.text
    assert "error" in found.json()
    assert still_answers(client)


def test_many_small_files_are_refused_before_they_grow(client):
    files = [base64.b64encode(picture(size=(2, 2))).decode()] * 200
    asked = tensor((len(files),), "BYTES", data=files)
    found = client.post(f"{MODEL}/infer", json=asked)
    assert found.status_code == 422, found.text
    assert "Send fewer" in found.json()["error"]


def test_a_decompression_bomb_is_not_decoded(client):
    def chunk(kind, data):
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels
    began = time.monotonic()
    assert client.post("/predict", content=bomb).status_code == 422
    assert time.monotonic() - began < 5
    assert still_answers(client)


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"--x\r\n", {"Content-Type": "multipart/form-data; boundary=x"}),
        (b"hello", {"Content-Type": "multipart/form-data"}),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--x--\r\n",
            {"Content-Type": "multipart/form-data; boundary=x"},
        ),
    ],
)
def test_a_form_without_an_image_is_refused(client, content, headers):
    found = client.post("/predict", content=content, headers=headers)
    assert found.status_code == 400, found.text
    assert "form" in found.json()["error"]


def test_what_else_a_form_holds_is_not_ignored(client):
    image = ("photo.png", picture(), "image/png")
    two = [("image", image), ("image", image)]
    found = client.post("/predict", files=two)
    assert (found.status_code, "one file" in found.text) == (400, True)
    fields = {"taks": "birds"}
    found = client.post("/predict", files={"image": image}, data=fields)
    assert (found.status_code, "`tasks`" in found.text) == (400, True)
    found = client.post("/predict", files={"photo": image})
    assert "'photo'" in found.json()["error"]


@pytest.mark.parametrize("query", ["top=0", "top=x", "top=-1", "tasks="])
def test_a_bad_option_is_refused(client, query):
    found = client.post(f"/predict?{query}", content=picture())
    assert found.status_code == 400


def test_what_is_not_there_is_told_in_the_same_form(client):
    assert client.get("/nothing").json() == {"error": "Not Found."}


def test_a_slow_answer_is_504_and_a_full_queue_429(
    open_client, shop, monkeypatch
):
    held = threading.Event()
    answer = Colours.__call__
    monkeypatch.setattr(
        Colours, "__call__", lambda *args: held.wait(10) and answer(*args)
    )
    client = open_client(shop, timeout=0.5, max_queue=1)
    found = []
    thread = threading.Thread(
        target=lambda: found.append(client.post("/predict", content=picture()))
    )
    thread.start()
    while not client.service._intake.at_work:
        time.sleep(0.005)
    refused = client.post("/predict", content=picture())
    thread.join()
    held.set()
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "1"
    assert found[0].status_code == 504
    assert still_answers(client)


def test_a_body_that_trickles_is_408_and_a_long_one_is_read_no_further():
    class Trickle:
        def __init__(self, pause):
            self.pause, self.sent = pause, 0

        async def stream(self):
            while True:
                await asyncio.sleep(self.pause)
                self.sent += 10
                yield b"0123456789"

    def read(request, **options):
        with pytest.raises(Refusal) as refused:
            asyncio.run(Intake(ServerOptions(**options)).read(request))
        return refused.value.status

    assert read(Trickle(0.2), timeout=0.05) == 408
    endless = Trickle(0)
    assert read(endless, max_bytes=100) == 413
    assert endless.sent <= 410
    assert read(Trickle(0), max_bytes=100, max_queue=1) == 413


def test_bodies_on_their_way_have_so_much_memory_together():
    class Sends:
        async def stream(self):
            yield b"x" * 80
            await asyncio.sleep(0.02)

    async def send_two():
        intake = Intake(ServerOptions(max_bytes=100, max_queue=1))
        found = await asyncio.gather(
            *(intake.read(Sends()) for _ in range(2)), return_exceptions=True
        )
        return [*found, await intake.read(Sends())]

    first, second, third = asyncio.run(send_two())
    assert len(first) == len(third) == 80
    assert second.status == 503


def test_an_error_of_the_runtime_is_a_500_without_its_words(
    client, monkeypatch
):
    def broken(*_):
        raise RuntimeError("secret")

    with monkeypatch.context() as patch:
        patch.setattr(Colours, "__call__", broken)
        found = client.post("/predict", content=picture())
    assert found.status_code == 500
    assert "secret" not in found.text
    assert still_answers(client)


class ResourceExhaustedError(Exception):
    """Stands for TensorFlow's."""


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("keras_snow.serving.http.picture.read_image", MemoryError()),
        ("PIL.ImageFile.ImageFile.load", MemoryError()),
        ("PIL.ImageFile.ImageFile.load", OSError("out of memory error")),
        ("numpy.asarray", MemoryError("Unable to allocate 9 GiB")),
        (f"{__name__}.Colours.__call__", ResourceExhaustedError("OOM")),
        (f"{__name__}.Colours.__call__", RuntimeError("std::bad_alloc")),
    ],
)
def test_a_lack_of_memory_is_no_fault_of_the_request(
    client, monkeypatch, place, error
):
    def fail(*_, **__):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(place, fail)
        if place.startswith("numpy"):
            found = client.post(f"{MODEL}/infer", json=tensor())
        else:
            found = client.post("/predict", content=picture())
    assert found.status_code == 503, found.text
    assert "not enough memory" in found.json()["error"]
    assert found.headers["Retry-After"] == "1"
    assert still_answers(client)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("/predict?taks=birds", "Did you mean `tasks` or `task`?"),
        ("/predict?topk=3", "Did you mean `top_k`"),
        ("/predict?threshold=3", "Known: tasks, task, top, top_k."),
        ("/predict?top=3&top_k=4", "given once"),
        (f"{MODEL}/infer?tasks=birds", "This address has none."),
        ("/tasks?task=birds", "This address has none."),
    ],
)
def test_a_parameter_that_would_be_ignored_is_refused(client, asked, words):
    method = "GET" if asked.startswith("/tasks") else "POST"
    found = client.request(method, asked, content=picture())
    assert found.status_code == 400
    assert words in found.json()["error"]


def test_compressed_bodies_are_bounded_by_what_they_become(client):
    def send(content, encoding):
        headers = {"Content-Encoding": encoding}
        return client.post("/predict", content=content, headers=headers)

    assert send(gzip.compress(picture()), "gzip").status_code == 200
    assert send(zlib.compress(picture()), "Deflate").status_code == 200
    assert send(picture(), "identity").status_code == 200
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    assert send(bomb, "gzip").status_code == 413
    assert send(gzip.compress(picture())[:-9], "gzip").status_code == 400
    assert send(picture(), "gzip").status_code == 400
    for encoding in ("br", "gzip, gzip"):
        refused = send(picture(), encoding)
        assert refused.status_code == 415
        assert refused.headers["Accept-Encoding"] == "gzip, deflate"


def test_another_method_is_told_which_ones_there_are(client):
    found = client.get("/predict")
    assert (found.status_code, found.headers["Allow"]) == (405, "POST")
    found = client.post("/v2/health/live")
    assert found.status_code == 405
    assert set(found.headers["Allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize(
    ("options", "name", "status"),
    [
        ({}, "localhost:9000", 200),
        ({}, "[::1]:8000", 200),
        ({}, "attacker.example", 400),
        ({}, "127.0.0.1.attacker.example", 400),
        ({"allowed_hosts": ["*.shop.org"]}, "www.shop.org", 200),
        ({"allowed_hosts": ["*.shop.org"]}, "localhost", 200),
        ({"allowed_hosts": ["shop.org"]}, "shop.com", 400),
        ({"allowed_hosts": ["*"]}, "attacker.example", 200),
        ({"host": "0.0.0.0"}, "machine.example", 200),
    ],
)
def test_a_page_of_another_name_can_t_reach_a_local_server(
    open_client, shop, options, name, status
):
    client = open_client(shop, **options)
    found = client.get("/tasks", headers={"Host": name})
    assert found.status_code == status
    assert status == 200 or "--allowed-hosts" in found.json()["error"]


def test_a_thin_line_is_told_what_is_wrong(client):
    data, _ = BAD_PICTURES["a thin line"]
    words = "The image is too narrow for its length. Received: 1x5000 pixels"
    assert client.post("/predict", content=data).json()["error"] == words
