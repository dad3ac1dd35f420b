"""`keras-snow serve`, as a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from tests.backends import only_tensorflow


@pytest.fixture(scope="session")
def shop(run, source, tmp_path_factory):
    from keras_snow.serving import Bundle

    folder = tmp_path_factory.mktemp("bundles") / "shop"
    bundle = Bundle(source)
    bundle.save(folder)
    bundle.add("colours", run)
    return folder


@pytest.mark.slow
@only_tensorflow
def test_serves_until_it_is_told_to_stop(shop, images, snow):
    command = [sys.executable, "-m", "keras_snow.cli", "serve", str(shop)]
    command += ["--port", "0", "--runtime", "tensorflow"]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        lines = [server.stdout.readline() for _ in range(2)]
        assert "colours: 32 px, tensorflow; logits differ" in lines[0]
        address = lines[1].strip()
        assert address.startswith("http://127.0.0.1:")
        picture = images / "red" / "00.png"
        found = httpx.post(
            f"{address}/predict", content=picture.read_bytes(), timeout=60
        )
        (answer,) = json.loads(
            snow("bundle", "predict", shop, picture, "--json").output
        )
        (expected,) = answer["tasks"]["colours"]
        first = found.json()["tasks"]["colours"]["predictions"][0]
        assert first["class"] == expected["class"]
        assert first["score"] == pytest.approx(expected["score"], abs=1e-4)
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    finally:
        server.kill()
        server.stdout.close()


def test_a_port_that_is_taken_is_told(fails, shop):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"port={port}" in fails("serve", shop, "--port", port)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--runtime", "openvin"], "Did you mean `openvino`"),
        (["--max-queue", "0"], "max_queue=0"),
        (["--port", "70000"], "port=70000"),
    ],
)
def test_bad_input_is_one_sentence(fails, shop, arguments, words):
    assert words in fails("serve", shop, "--port", 0, *arguments)


def test_a_folder_without_a_bundle_is_told(fails, tmp_path):
    assert "There is no bundle" in fails("serve", tmp_path, "--port", 0)
