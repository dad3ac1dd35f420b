"""A bundle answers over HTTP, and tells of itself."""

import base64
import json
import pathlib
import subprocess
import venv

import numpy as np
import pytest

from keras_snow.core.registry import nearest_names
from keras_snow.serving.http.open_inference.byte_strings import pack
from keras_snow.serving.http.open_inference.byte_strings import unpack
from tests.data.deep_files import png_of
from tests.serving.http_requests import MODEL
from tests.serving.http_requests import picture
from tests.serving.http_requests import tensor
from tests.toys import SIZE


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


def test_a_form_is_known_by_any_spelling_of_its_kind(client):
    form = {"image": ("photo.jpg", picture(kind="JPEG"), "image/jpeg")}
    asked = client.build_request("POST", "/predict", files=form)
    kind, _, boundary = asked.headers["Content-Type"].partition("boundary")
    asked.headers["Content-Type"] = (
        kind.title() + "Charset=utf-8; Boundary" + boundary
    )
    assert client.send(asked).status_code == 200


def test_parameters_have_the_names_of_other_servers_too(client):
    found = client.post("/predict?task=cars&top_k=2", content=picture()).json()
    form = {"image": ("photo.png", picture(), "image/png")}
    fields = {"tasks": "cars", "top": "2"}
    same = client.post("/predict", files=form, data=fields).json()
    assert found == same
    assert list(found["tasks"]) == ["cars"]
    assert len(found["tasks"]["cars"]["predictions"]) == 2


def test_an_unknown_task_is_never_answered_by_another(client):
    found = client.post("/predict?tasks=birds,bird", content=picture())
    assert found.status_code == 404
    assert nearest_names("bird", ["birds", "cars"]) in found.json()["error"]
    asked = tensor() | {"outputs": [{"name": "dogs"}]}
    found = client.post(f"{MODEL}/infer", json=asked)
    assert found.status_code == 404
    assert "Known: birds, cars" in found.json()["error"]
    assert client.post("/v2/models/shp/infer", json=asked).status_code == 404


def test_null_says_nothing(client):
    asked = tensor(parameters=None) | {
        "id": None,
        "parameters": None,
        "outputs": [{"name": "birds", "parameters": None}],
    }
    found = client.post(f"{MODEL}/infer", json=asked)
    assert found.status_code == 200, found.text
    assert "id" not in found.json()


def test_tells_health_and_metadata(client):
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get(f"{MODEL}/ready").json() == {
        "name": "shop",
        "ready": True,
    }
    found = client.get(f"{MODEL}/versions/1").json()
    assert found["inputs"][0]["shape"] == [-1, SIZE, SIZE, 3]
    shapes = {each["name"]: each["shape"] for each in found["outputs"]}
    assert shapes == {"birds": [-1, 3], "cars": [-1, 4]}
    assert client.get(f"{MODEL}/versions/2").status_code == 404


def test_tells_configuration_and_statistics_as_triton_does(client):
    assert set(client.get("/v2").json()["extensions"]) == {
        "binary_tensor_data",
        "classification",
        "model_configuration",
        "statistics",
    }
    place = f"{MODEL}/versions/1"
    config = client.get(f"{place}/config").json()
    assert config == client.get(f"{MODEL}/config").json()
    assert config["input"][0]["dims"] == [SIZE, SIZE, 3]
    assert config["output"][1] == {
        "name": "cars",
        "data_type": "TYPE_FP32",
        "dims": [4],
    }
    asked = tensor((3, SIZE, SIZE, 3))
    assert client.post(f"{place}/infer", json=asked).status_code == 200
    assert client.post(f"{place}/infer", content=b"{").status_code == 400
    (found,) = client.get(f"{place}/stats").json()["model_stats"]
    assert (found["name"], found["version"]) == ("shop", "1")
    assert found["inference_count"] == 3
    assert found["execution_count"] == 1
    stats = found["inference_stats"]
    assert stats["success"]["count"] == stats["fail"]["count"] == 1
    assert stats["success"]["ns"] >= stats["compute_infer"]["ns"]
    assert found["batch_stats"][0]["batch_size"] == 3
    assert client.get("/v2/models/stats").json()["model_stats"] == [found]


@pytest.mark.parametrize("path", ["/", "/tasks", "/v2/health/ready", MODEL])
def test_head_is_answered_where_get_is(client, path):
    found = client.head(path)
    assert found.status_code == 200
    assert (
        found.headers["Content-Type"]
        == client.get(path).headers["Content-Type"]
    )


def test_answers_are_compressed_for_those_who_ask(client):
    plain = client.get("/", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    found = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert found.headers["Content-Encoding"] == "gzip"
    assert found.headers["Vary"] == "Accept-Encoding"
    assert found.text == plain.text


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


@pytest.mark.parametrize("binary", [False, True])
def test_image_files_are_taken_as_byte_strings(client, binary):
    files = [picture((0, 0, 250)), picture((0, 250, 0), kind="JPEG")]
    asked = tensor((2, 1), "BYTES")
    (image,) = asked["inputs"]
    if binary:
        tail = pack(files)
        del image["data"]
        image["parameters"] = {"binary_data_size": len(tail)}
    else:
        image["data"] = [base64.b64encode(each).decode() for each in files]
        tail = b""
    head = json.dumps(asked).encode()
    length = {"Inference-Header-Content-Length": str(len(head))}
    found = client.post(f"{MODEL}/infer", content=head + tail, headers=length)
    birds, cars = found.json()["outputs"]
    assert birds["shape"] == [2, 3]
    assert np.reshape(birds["data"], (2, 3)).argmax(-1).tolist() == [2, 1]
    assert cars["shape"] == [2, 4]


def test_classes_are_told_where_they_are_asked_for(client):
    names = ["birds", "cars"]
    outputs = [
        {"name": name, "parameters": {"classification": 2}} for name in names
    ]
    asked = tensor((2, SIZE, SIZE, 3)) | {"outputs": outputs}
    birds, cars = client.post(f"{MODEL}/infer", json=asked).json()["outputs"]
    assert (birds["datatype"], birds["shape"]) == ("BYTES", [2, 2])
    assert birds["data"] == ["10.000000:0:red", "10.000000:1:green"] * 2
    assert cars["data"] == ["10.000000:0", "10.000000:1"] * 2
    asked["parameters"] = {"binary_data_output": True}
    found = client.post(f"{MODEL}/infer", json=asked)
    end = int(found.headers["Inference-Header-Content-Length"])
    told = json.loads(found.content[:end])["outputs"]
    size = told[0]["parameters"]["binary_data_size"]
    tail = found.content[end:]
    assert unpack(tail[:size])[0] == b"10.000000:0:red"
    assert unpack(tail[size:])[3] == b"10.000000:1"


def test_prometheus_is_told(client):
    client.post("/predict", content=picture())
    client.post("/predict", content=b"x")
    text = client.get("/metrics").text
    assert 'requests_total{endpoint="predict",status="200"} 1.0' in text
    assert 'requests_total{endpoint="predict",status="400"} 1.0' in text
    assert 'answers_total{task="birds"} 1.0' in text
    assert "keras_snow_batch_images_sum 1.0" in text
    assert 'keras_snow_deviation{image_size="32"' in text
    assert 'keras_snow_packing_deviation{task="cars"}' in text


@pytest.mark.slow
@pytest.mark.network
def test_a_real_v2_client_in_its_own_environment_is_answered(
    open_server, shop, tmp_path
):
    # Its own, as it asks for another protobuf than TensorFlow does.
    venv.create(tmp_path / "own", with_pip=True)
    python = tmp_path / "own" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "tritonclient[http]"], check=True
    )
    script = pathlib.Path(__file__).with_name("v2_client.py")
    address, _ = open_server(shop)
    ran = subprocess.run(
        [python, script, address.removeprefix("http://"), "shop", str(SIZE)],
        capture_output=True,
        text=True,
        check=False,
    )
    # Its last question is for a task that is not there.
    assert ran.stdout.startswith("[404] There is no such task"), ran.stderr


def test_deep_images_have_the_range_of_training(shop, open_client):
    manifest = shop / "bundle.json"
    data = json.loads(manifest.read_text())
    data["tasks"][0]["value_range"] = [0, 4095]
    del data["seals"]  # As an earlier version wrote it.
    manifest.write_text(json.dumps(data))
    client = open_client(shop)
    deep = png_of(np.full((8, 8, 3), (3276, 819, 1638), "uint16"))
    plain = picture((204, 51, 102), (8, 8))
    for tasks in ("birds", "birds,cars"):
        asked = f"/predict?tasks={tasks}"
        assert (
            client.post(asked, content=deep).json()
            == client.post(asked, content=plain).json()
        )
    found = client.post("/predict?tasks=cars", content=deep)
    assert found.status_code == 400
    assert "does not tell what is black and white" in found.json()["error"]
