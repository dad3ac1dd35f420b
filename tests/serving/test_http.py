"""A bundle answers over HTTP, whatever it is sent, while it changes."""

import asyncio
import contextlib
import importlib.util
import io
import json
import os
import pathlib
import shutil
import struct
import subprocess
import threading
import time
import venv
import zlib

import httpx
import numpy as np
import pytest
from PIL import Image

from keras_snow.core.registry import nearest_names
from keras_snow.serving import Bundle
from keras_snow.serving.deviation import deviation
from keras_snow.serving.http import ServerOptions
from keras_snow.serving.http import fleet
from keras_snow.serving.http.background import running
from keras_snow.serving.http.body import read_body
from keras_snow.serving.http.refusal import Refusal
from keras_snow.serving.http.serve import serve
from tests.backends import only_tensorflow
from tests.serving.fake_engines import Colours
from tests.serving.fake_engines import use_fake_engines
from tests.toys import SIZE

MODEL = "/v2/models/shop"
LIMITS = {"max_bytes": 200_000, "max_pixels": 100_000, "poll": 0.02}


@pytest.fixture(scope="session")
def _shop(kept, tmp_path_factory):
    bundle = Bundle(kept.source)
    names = ["red", "green", "blue"]
    known = {"class_names": names, "image_size": SIZE}
    bundle.add("birds", kept.delta("birds"), **known)
    bundle.add("cars", kept.delta("cars"), image_size=SIZE)
    folder = tmp_path_factory.mktemp("served") / "shop"
    bundle.save(folder)
    return folder


@pytest.fixture
def shop(_shop, tmp_path):
    return shutil.copytree(_shop, tmp_path / "shop")


@pytest.fixture
def open_client(monkeypatch):
    """Opens clients of a server with engines that answer at once."""
    use_fake_engines(monkeypatch)
    with contextlib.ExitStack() as stack:

        def open_one(folder, **options):
            options = ServerOptions(**{**LIMITS, "port": 0, **options})
            address, service = stack.enter_context(running(folder, options))
            client = httpx.Client(base_url=address, timeout=30)
            client.service = service
            return stack.enter_context(client)

        yield open_one


@pytest.fixture
def client(open_client, shop):
    return open_client(shop)


def picture(colour=(200, 100, 50), size=(40, 48), kind="PNG"):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def tensor(sides=(1, SIZE, SIZE, 3), kind="FP32", **changed):
    data = np.full(sides, 100).tolist()
    known = {"name": "image", "shape": sides, "datatype": kind, "data": data}
    return {"inputs": [known | changed]}


def still_answers(client):
    return client.post("/predict", content=picture()).status_code == 200


def test_an_image_file_is_answered_with_class_names(client):
    found = client.post("/predict?top=2", content=picture()).json()["tasks"]
    assert list(found) == ["birds", "cars"]
    first, second = found["birds"]["predictions"]
    assert (first["class"], second["class"]) == ("red", "green")
    assert first["score"] > 0.99
    assert found["cars"]["predictions"][0]["class"] == "0"
    assert found["birds"]["version"] == 1


@pytest.mark.parametrize("field", ["image", "file"])
def test_an_image_file_can_come_in_a_form(client, field):
    form = {field: ("photo.jpg", picture(kind="JPEG"), "image/jpeg")}
    found = client.post("/predict?tasks=cars", files=form)
    assert list(found.json()["tasks"]) == ["cars"]


def test_an_unknown_task_is_never_answered_by_another(client):
    found = client.post("/predict?tasks=birds,bird", content=picture())
    assert found.status_code == 404
    assert nearest_names("bird", ["birds", "cars"]) in found.json()["error"]
    asked = tensor() | {"outputs": [{"name": "dogs"}]}
    found = client.post(f"{MODEL}/infer", json=asked)
    assert found.status_code == 404
    assert "Known: birds, cars" in found.json()["error"]
    assert client.post("/v2/models/shp/infer", json=asked).status_code == 404


def test_tells_health_and_metadata(client):
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").status_code == 200
    assert client.get(f"{MODEL}/ready").status_code == 200
    assert client.get("/v2").json()["extensions"] == ["binary_tensor_data"]
    found = client.get(f"{MODEL}/versions/1").json()
    assert found["inputs"][0]["shape"] == [-1, SIZE, SIZE, 3]
    shapes = {each["name"]: each["shape"] for each in found["outputs"]}
    assert shapes == {"birds": [-1, 3], "cars": [-1, 4]}
    assert client.get(f"{MODEL}/versions/2").status_code == 404


def test_infers_all_heads_or_those_that_are_asked(client):
    asked = tensor((2, SIZE, SIZE, 3)) | {"id": "mine"}
    found = client.post(f"{MODEL}/infer", json=asked).json()
    assert (found["id"], found["model_name"]) == ("mine", "shop")
    assert [each["name"] for each in found["outputs"]] == ["birds", "cars"]
    asked["outputs"] = [{"name": "cars"}]
    (only,) = client.post(f"{MODEL}/infer", json=asked).json()["outputs"]
    assert (only["name"], only["shape"]) == ("cars", [2, 4])
    assert only["data"] == pytest.approx([10, 10, 10, 0] * 2)


@pytest.mark.parametrize(("kind", "type_"), [("UINT8", "u1"), ("FP32", "<f4")])
def test_tensors_can_be_bytes_behind_the_header(client, kind, type_):
    pixels = np.full((1, SIZE, SIZE, 3), 100, type_)
    asked = tensor(kind=kind, parameters={"binary_data_size": pixels.nbytes})
    del asked["inputs"][0]["data"]
    asked["outputs"] = [{"name": "birds", "parameters": {"binary_data": True}}]
    head = json.dumps(asked).encode()
    length = {"Inference-Header-Content-Length": str(len(head))}
    found = client.post(
        f"{MODEL}/infer", content=head + pixels.tobytes(), headers=length
    )
    end = int(found.headers["Inference-Header-Content-Length"])
    values = np.frombuffer(found.content[end:], "<f4")
    np.testing.assert_allclose(values, [10, 10, 10])


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
    "bytes that are missing": tensor(parameters={"binary_data_size": 12}),
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
}


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_a_picture_that_can_t_be_read_is_refused(client, name):
    data, status = BAD_PICTURES[name]
    found = client.post("/predict", content=data)
    assert found.status_code == status, found.text
    assert "error" in found.json()
    assert still_answers(client)


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


@pytest.mark.parametrize("query", ["top=0", "top=x", "top=-1", "tasks="])
def test_a_bad_option_is_refused(client, query):
    found = client.post(f"/predict?{query}", content=picture())
    assert found.status_code == 400


def test_what_is_not_there_is_told_in_the_same_form(client):
    assert client.get("/nothing").json() == {"error": "Not Found."}
    assert client.get("/predict").status_code == 405


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
    while not client.service._in_flight:
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

    with pytest.raises(Refusal) as refused:
        asyncio.run(read_body(Trickle(0.2), 10**6, 0.05))
    assert refused.value.status == 408
    endless = Trickle(0)
    with pytest.raises(Refusal) as refused:
        asyncio.run(read_body(endless, 100, 5))
    assert refused.value.status == 413
    assert endless.sent <= 410


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


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_tasks_come_and_go_and_no_request_is_dropped(client, shop, kept):
    statuses, ended = [], threading.Event()

    def ask():
        while not ended.is_set():
            found = client.post("/predict?tasks=cars", content=picture())
            statuses.append(found.status_code)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    other = Bundle.load(shop)
    other._source = kept.source
    other.add("dogs", kept.delta("food"), image_size=SIZE)
    wait_for(lambda: "dogs" in client.service.fleet.tasks)
    assert "dogs" in client.post("/predict", content=picture()).json()["tasks"]
    other.remove("birds")
    wait_for(lambda: "birds" not in client.service.fleet.tasks)
    found = client.post("/predict?tasks=birds", content=picture())
    ended.set()
    for thread in threads:
        thread.join()
    assert found.status_code == 404
    assert len(statuses) > 3
    assert set(statuses) == {200}
    assert 'reloads_total{result="taken"} 2.0' in client.get("/metrics").text


def test_a_change_that_can_t_be_served_leaves_what_is(client, shop):
    manifest = shop / "bundle.json"
    whole = manifest.read_text()
    manifest.write_text("{")
    wait_for(lambda: client.get("/tasks").json()["problem"])
    assert "damaged" in client.get("/tasks").json()["problem"]
    assert still_answers(client)
    manifest.write_text(whole)
    wait_for(lambda: client.get("/tasks").json()["problem"] is None)


def test_tasks_of_two_sizes_are_answered_each_on_its_own(
    open_client, shop, kept
):
    other = Bundle.load(shop)
    other._source = kept.source
    other.add("dogs", kept.delta("food"), image_size=64)
    client = open_client(shop)
    assert len(client.post("/predict", content=picture()).json()["tasks"]) == 3
    assert client.get(MODEL).json()["inputs"][0]["shape"] == [-1, -1, -1, 3]
    found = client.post(f"{MODEL}/infer", json=tensor())
    assert found.status_code == 400
    assert "dogs: the shape of the images must be [-1, 64, 64, 3]" in found.text
    asked = tensor() | {"outputs": [{"name": "birds"}]}
    assert client.post(f"{MODEL}/infer", json=asked).status_code == 200


def test_a_bundle_without_tasks_is_live_and_not_ready(open_client, shop):
    bundle = Bundle.load(shop)
    for name in list(bundle):
        bundle.remove(name)
    client = open_client(shop)
    assert client.get("/v2/health/live").status_code == 200
    assert client.get("/v2/health/ready").status_code == 503
    assert client.post("/predict", content=picture()).status_code == 404


def test_prometheus_is_told(client):
    client.post("/predict", content=picture())
    client.post("/predict", content=b"x")
    text = client.get("/metrics").text
    assert 'requests_total{endpoint="predict",status="200"} 1.0' in text
    assert 'requests_total{endpoint="predict",status="400"} 1.0' in text
    assert 'answers_total{task="birds"} 1.0' in text
    assert "keras_snow_batch_images_sum 1.0" in text
    assert 'keras_snow_deviation{image_size="32"' in text


def test_the_page_loads_nothing_from_elsewhere(client):
    page = client.get("/")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "http" not in page.text.replace("http-equiv", "")
    told = client.get("/tasks").json()
    assert told["engines"][0]["deviation"] == 1e-6
    assert told["limits"]["max_bytes"] == 200_000


def test_auto_takes_the_first_runtime_that_is_exact(kept, monkeypatch):
    class Off(Colours):
        pass

    def off(model):
        return Off({"birds": 3})

    class Exact(Colours):
        def __call__(self, images):
            return kept.predict(images, ["birds"])

    bundle = Bundle(kept.source)
    bundle.add("birds", kept.delta("birds"), image_size=SIZE)
    opened = {"openvino": off, "tensorflow": lambda _: Exact({"birds": 3})}
    monkeypatch.setattr(fleet, "RUNTIMES", opened)
    monkeypatch.setattr(fleet, "candidates", lambda name: list(opened))
    monkeypatch.setattr(Bundle, "fold", lambda *_: None)
    (engine,) = fleet.compile_bundle(bundle, ServerOptions())
    assert engine.runtime_name == "tensorflow"
    assert engine.deviation < 1e-4
    opened.pop("tensorflow")
    with pytest.raises(ValueError, match="No installed runtime answers"):
        fleet.compile_bundle(bundle, ServerOptions())
    (engine,) = fleet.compile_bundle(bundle, ServerOptions(runtime="openvino"))
    assert engine.deviation > 1e-3


def test_a_missing_package_is_named_with_its_extra(shop, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == "uvicorn" else found(name),
    )
    with pytest.raises(ImportError, match=r"uvicorn.*keras-snow\[serve\]"):
        serve(shop, ServerOptions(), print)


@pytest.mark.parametrize(
    "options",
    [{"port": 70000}, {"max_queue": 0}, {"timeout": 0}, {"max_delay": -1}],
)
def test_options_out_of_range_are_told(options):
    (name,) = options
    with pytest.raises(ValueError, match="Received"):
        ServerOptions(**options)
    assert getattr(ServerOptions(), name) != options[name]


@pytest.mark.slow
@only_tensorflow
@pytest.mark.parametrize("runtime", ["tensorflow", "openvino"])
def test_a_task_that_is_added_is_compiled_by_the_real_runtime(
    shop, kept, runtime
):
    pytest.importorskip(runtime)
    options = ServerOptions(port=0, runtime=runtime, poll=0.05, timeout=120)
    with running(shop, options) as (address, service):
        other = Bundle.load(shop)
        other.add("dogs", kept.delta("food"), image_size=SIZE)
        wait_for(lambda: "dogs" in service.fleet.tasks, seconds=300)
        found = httpx.post(
            f"{address}{MODEL}/infer", json=tensor(), timeout=120
        ).json()
        (engine,) = service.fleet.engines.values()
    pixels = np.full((1, SIZE, SIZE, 3), 100)
    expected = other.predict(pixels)
    answers = {
        each["name"]: np.array([each["data"]]) for each in found["outputs"]
    }
    assert list(answers) == ["birds", "cars", "dogs"]
    assert deviation(expected, answers) < 1e-4
    assert engine.runtime_name == runtime
    assert 0 < engine.deviation < 1e-4


@pytest.mark.slow
@pytest.mark.network
def test_a_real_v2_client_in_its_own_environment_is_answered(client, tmp_path):
    # Its own, as it asks for another protobuf than TensorFlow does.
    venv.create(tmp_path / "own", with_pip=True)
    python = tmp_path / "own" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "tritonclient[http]"], check=True
    )
    script = pathlib.Path(__file__).with_name("v2_client.py")
    ran = subprocess.run(
        [python, script, client.base_url.netloc.decode(), "shop", str(SIZE)],
        capture_output=True,
        text=True,
        check=False,
    )
    # Its last question is for a task that is not there.
    assert ran.stdout.startswith("[404] There is no such task"), ran.stderr


@pytest.mark.slow
def test_an_image_that_is_dropped_on_the_page_is_answered(client, tmp_path):
    browsers = pytest.importorskip("playwright.sync_api")
    file = tmp_path / "photo.png"
    file.write_bytes(picture())
    with browsers.sync_playwright() as playwright:
        # CHROMIUM names one that is not playwright's own.
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(str(client.base_url))
        page.wait_for_selector("#state:has-text('32 px')")
        page.set_input_files("#file", str(file))
        page.wait_for_selector("#answers section[data-task=cars]")
        first = page.inner_text("section[data-task=birds] .row >> nth=0")
        assert "red" in first
        data = {"bytes": list(picture((0, 0, 250)))}
        page.evaluate(DROP, data)
        page.wait_for_selector("section[data-task=birds] .row:has-text('blue')")
        first = page.inner_text("section[data-task=birds] .row >> nth=0")
        assert "blue" in first
        page.evaluate(DROP, {"bytes": [1, 2, 3]})
        page.wait_for_selector("#message:has-text('read as an image')")
        assert page.query_selector("#answers section") is None
        assert errors == []
        browser.close()


DROP = """({bytes}) => {
  const dropped = new DataTransfer();
  const file = new File([new Uint8Array(bytes)], "photo.png");
  dropped.items.add(file);
  const options = { dataTransfer: dropped, bubbles: true, cancelable: true };
  document.getElementById("answers").replaceChildren();
  document.getElementById("drop").dispatchEvent(new DragEvent("drop", options));
}"""
