"""A bundle changes while it is served."""

import functools
import threading

import httpx
import numpy as np
import pytest

from keras_snow.deltas import PrototypeDelta
from keras_snow.serving import Bundle
from keras_snow.serving.deviation import deviation
from keras_snow.serving.http import ServerOptions
from keras_snow.serving.http.background import running
from tests.backends import only_tensorflow
from tests.serving.http_requests import MODEL
from tests.serving.http_requests import picture
from tests.serving.http_requests import still_answers
from tests.serving.http_requests import tensor
from tests.serving.http_requests import wait_for
from tests.toys import SIZE


def serves(client, name, version):
    task = client.service.fleet.tasks.get(name)
    return task is not None and task.version == version


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


def test_a_trained_delta_takes_the_place_of_prototypes(client, shop, kept):
    other = Bundle.load(shop)
    other._source = kept.source
    cut = kept.source.select([kept.source.taps[-1].name])
    few = PrototypeDelta(cut.taps, 3, cut.fingerprint)
    names = ["green", "black", "white"]
    other.add("tea", few, class_names=names, image_size=SIZE)
    for version in (1, 2):
        wait_for(functools.partial(serves, client, "tea", version))
        found = client.post("/predict?tasks=tea", content=picture()).json()
        tea = found["tasks"]["tea"]
        assert tea["version"] == version
        assert {x["class"] for x in tea["predictions"]} == {*names}
        other.replace("tea", kept.delta("birds"))


def test_a_change_that_can_t_be_served_leaves_what_is(client, shop):
    manifest = shop / "bundle.json"
    whole = manifest.read_text()
    manifest.write_text("{")
    wait_for(lambda: client.get("/tasks").json()["problem"])
    assert "damaged" in client.get("/tasks").json()["problem"]
    assert still_answers(client)
    manifest.write_text(whole)
    wait_for(lambda: client.get("/tasks").json()["problem"] is None)


def test_a_change_that_is_undone_is_no_problem_any_more(client, shop):
    manifest = shop / "bundle.json"
    manifest.rename(shop / "away.json")
    wait_for(lambda: client.get("/tasks").json()["problem"])
    (shop / "away.json").rename(manifest)
    wait_for(lambda: client.get("/tasks").json()["problem"] is None)
    assert still_answers(client)


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
    found = client.get(f"{MODEL}/ready")
    assert found.status_code == 503
    assert found.json() == {"name": "shop", "ready": False}
    assert client.post("/predict", content=picture()).status_code == 404


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
