"""What the server needs before it answers: options, packages, a runtime."""

import importlib.util
import types

import pytest

from keras_snow.serving import Bundle
from keras_snow.serving.http import ServerOptions
from keras_snow.serving.http import engine
from keras_snow.serving.http.serve import serve
from tests.serving.fake_engines import Colours
from tests.toys import SIZE


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
    monkeypatch.setattr(engine, "RUNTIMES", opened)
    monkeypatch.setattr(engine, "candidates", lambda *_: list(opened))
    monkeypatch.setattr(Bundle, "fold", lambda *_: None)
    (found,) = engine.compile_bundle(bundle, ServerOptions())
    assert found.runtime_name == "tensorflow"
    assert found.deviation < 1e-4
    opened.pop("tensorflow")
    with pytest.raises(ValueError, match="No installed runtime answers"):
        engine.compile_bundle(bundle, ServerOptions())
    (found,) = engine.compile_bundle(bundle, ServerOptions(runtime="openvino"))
    assert found.deviation > 1e-3


def test_auto_goes_on_where_a_runtime_can_t_compile(kept, monkeypatch, caplog):
    class Exact(Colours):
        def __call__(self, images):
            return kept.predict(images, ["birds"])

    def broken(model):
        raise RuntimeError("no such\noperation")

    bundle = Bundle(kept.source)
    bundle.add("birds", kept.delta("birds"), image_size=SIZE)
    opened = {"openvino": broken, "tensorflow": lambda _: Exact({"birds": 3})}
    monkeypatch.setattr(engine, "RUNTIMES", opened)
    monkeypatch.setattr(engine, "candidates", lambda *_: list(opened))
    monkeypatch.setattr(Bundle, "fold", lambda *_: None)
    with caplog.at_level("WARNING", "keras_snow.serve"):
        (found,) = engine.compile_bundle(bundle, ServerOptions())
    assert found.runtime_name == "tensorflow"
    assert caplog.messages == ["openvino is not taken: no such operation"]
    opened["tensorflow"] = lambda _: Colours({"birds": 3})
    with pytest.raises(
        ValueError, match=r"openvino: no such operation; tensorflow: deviates"
    ) as told:
        engine.compile_bundle(bundle, ServerOptions())
    assert isinstance(told.value.__cause__, RuntimeError)
    with pytest.raises(RuntimeError):
        engine.compile_bundle(bundle, ServerOptions(runtime="openvino"))


def test_fastest_times_what_is_exact_once(kept, monkeypatch, caplog):
    calls, clock = [], [0.0]

    def opener(name, seconds):
        class Exact(Colours):
            def __call__(self, images):
                calls.append(name)
                clock[0] += seconds
                return kept.predict(images, ["birds"])

        return lambda model: Exact({"birds": 3})

    bundle = Bundle(kept.source)
    bundle.add("birds", kept.delta("birds"), image_size=SIZE)
    opened = {
        "openvino": opener("openvino", 0.3),
        "tensorflow": opener("tensorflow", 0.1),
        "onnxruntime": lambda _: Colours({"birds": 3}),
    }
    monkeypatch.setattr(engine, "RUNTIMES", opened)
    monkeypatch.setattr(engine, "candidates", lambda *_: list(opened))
    monkeypatch.setattr(Bundle, "fold", lambda *_: None)
    read = types.SimpleNamespace(perf_counter=lambda: clock[0])
    monkeypatch.setattr(engine, "time", read)
    options = ServerOptions(runtime="fastest", max_batch=2)
    with caplog.at_level("WARNING", "keras_snow.serve"):
        (found,) = engine.compile_bundle(bundle, options)
    assert found.runtime_name == "tensorflow"
    assert len(caplog.messages) == 1
    assert "onnxruntime is not taken" in caplog.messages[0]
    assert found.timed == pytest.approx({"openvino": 0.3, "tensorflow": 0.1})
    calls.clear()
    (again,) = engine.compile_bundle(bundle, options, {SIZE: found})
    assert again is found  # Nothing has changed.
    assert not calls
    bundle.replace("birds", kept.delta("birds"))
    (again,) = engine.compile_bundle(bundle, options, {SIZE: found})
    assert again.runtime_name == "tensorflow"
    assert "openvino" not in calls  # A change is not measured anew.


def test_a_missing_package_is_named_with_its_extra(shop, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == "uvicorn" else found(name),
    )
    with pytest.raises(ImportError, match=r"uvicorn.*\[serve\]"):
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
