"""A bundle leaves as a model of another runtime, with the same logits."""

import importlib.util
import json

import keras
import numpy as np
import pytest

from keras_snow.core.claim import claimed_name
from keras_snow.core.extras import install_command
from keras_snow.models import SNOWModel
from keras_snow.serving import Bundle
from keras_snow.serving import export
from keras_snow.serving import exported
from keras_snow.serving.deviation import deviation
from keras_snow.serving.deviation import draw_images
from keras_snow.serving.deviation import measure_deviation
from keras_snow.serving.format import FORMATS
from keras_snow.serving.format import Format
from keras_snow.serving.runtimes import Runtime
from tests.backends import only_tensorflow
from tests.serving.toy_bundles import CLASSES
from tests.toys import SIZE
from tests.toys import images

pytestmark = only_tensorflow


@pytest.fixture(scope="session")
def saved_model(kept, tmp_path_factory):
    path = tmp_path_factory.mktemp("exported") / "shop"
    return export(kept, "saved_model", path, image_size=SIZE)


def opened_by_its_own_runtime(path, name):
    """Calls each runtime's own interface; ours is compared with it."""
    x = images(3)
    if name == "saved_model":
        import tensorflow as tf

        answer = tf.saved_model.load(str(path)).signatures["serving_default"]
        return {k: v.numpy() for k, v in answer(image=tf.constant(x)).items()}
    if name == "onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(str(path))
        outputs = [each.name for each in session.get_outputs()]
        found = session.run(outputs, {"image": x})
        return dict(zip(outputs, found, strict=True))
    if name == "openvino":
        import openvino

        exact = {"INFERENCE_PRECISION_HINT": "f32"}
        model = openvino.compile_model(str(path), "CPU", exact)
        return {k.any_name: v for k, v in model({"image": x}).items()}
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(str(path)).get_signature_runner()(image=x)


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_has_the_bundle_s_logits_in_its_own_runtime(
    kept, saved_model, tmp_path, name
):
    for module in FORMATS[name].modules:
        pytest.importorskip(module)
    exported = saved_model
    if name != "saved_model":
        path = tmp_path / f"shop{FORMATS[name].ending}"
        exported = export(kept, name, path, image_size=SIZE)
    found = opened_by_its_own_runtime(exported.path, name)
    expected = kept.predict(images(3))
    assert set(found) == set(expected) == set(exported.tasks)
    assert deviation(expected, found) < 1e-4
    assert exported.deviation < 1e-4
    runtime = FORMATS[name].open(exported.path)
    assert deviation(found, runtime(images(3))) < 1e-6
    runtime.prepare([1, 2])
    for size in (1, 2, 3):
        first = {task: logits[:size] for task, logits in found.items()}
        assert deviation(first, runtime(images(3)[:size])) < 1e-5


def test_beside_an_export_lie_the_names_of_the_classes(saved_model):
    facts = json.loads((saved_model.path.parent / "shop.json").read_text())
    assert facts["input"]["shape"] == [-1, SIZE, SIZE, 3]
    assert {each["name"] for each in facts["outputs"]} == set(CLASSES)
    assert all(each["version"] == 1 for each in facts["outputs"])


def test_nothing_is_written_over(kept, saved_model):
    with pytest.raises(ValueError, match="something of this name already"):
        export(kept, "saved_model", saved_model.path, image_size=SIZE)


def test_tasks_of_several_sizes_need_one_for_all(kept, other_delta, tmp_path):
    bundle = Bundle(kept.source)
    bundle.add("dogs", other_delta, image_size=48)
    bundle.add("cats", other_delta)
    with pytest.raises(ValueError, match="48 px: dogs; 224 px: cats"):
        export(bundle, "saved_model", tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def quick(kept, monkeypatch):
    """Makes formats that write a file in no time and answer exactly."""

    class Exact(Runtime):
        def __call__(self, images):
            return kept.predict(images, self.outputs)

    class Quick(Format):
        def write(self, model, path):
            path = path if self.ending else path / "saved_model.pb"
            path.parent.mkdir(exist_ok=True)
            path.write_text(",".join(model))

    for name, each in FORMATS.items():
        facts = {**vars(each), "open": lambda _: Exact(["birds", "cars"])}
        monkeypatch.setitem(FORMATS, name, Quick(**facts))
    monkeypatch.setattr(Bundle, "fold", lambda *_: ["birds", "cars"])


def test_a_model_that_answers_otherwise_is_not_kept(
    kept, quick, tmp_path, monkeypatch
):
    monkeypatch.setattr(exported, "measure_deviation", lambda *_, **__: 0.002)
    with pytest.raises(ValueError, match="answers otherwise"):
        export(kept, "saved_model", tmp_path / "out", image_size=SIZE)
    assert not list(tmp_path.iterdir())


def test_a_deviation_is_of_the_largest_logit_and_nan_is_infinite(kept):
    class Off(Runtime):
        def __call__(self, images):
            logits = kept.predict(images, ["birds"])["birds"].copy()
            logits[0, 0] += 0.01 * np.abs(logits).max()
            return {"birds": logits}

    found = measure_deviation(kept, Off(["birds"]), SIZE)
    assert found == pytest.approx(0.01, rel=1e-3)
    by_size = [
        measure_deviation(kept, Off(["birds"]), SIZE, [n]) for n in (1, 9)
    ]
    together = measure_deviation(kept, Off(["birds"]), SIZE, [1, 9])
    assert min(by_size) > 0.005
    assert together == max(by_size)
    nan = {"birds": np.array([[np.nan]])}
    assert deviation({"birds": np.ones((1, 1))}, nan) == np.inf


def test_images_to_measure_with_are_always_the_same():
    assert np.array_equal(draw_images(20), draw_images(20))
    assert draw_images(20).std() > 30


@pytest.mark.parametrize(
    ("name", "path", "other"),
    [
        ("saved_model", "shop", "shop.json"),
        ("openvino", "shop.xml", "shop.bin"),
        ("openvino", "shop.xml", "shop.xml.json"),
    ],
)
def test_no_file_beside_an_export_is_written_over(
    kept, tmp_path, name, path, other
):
    (tmp_path / other).write_text("mine")
    with pytest.raises(ValueError, match=f"taken: .*{other}"):
        export(kept, name, tmp_path / path, image_size=SIZE)
    assert (tmp_path / other).read_text() == "mine"
    assert [x.name for x in tmp_path.iterdir()] == [other]


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    found = importlib.util.find_spec

    def without(name):
        return None if name == "tf2onnx" else found(name)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    problem = FORMATS["onnx"].why_not()
    assert "tf2onnx" in problem
    assert "not installed" in problem
    assert install_command("export") in problem


def test_what_another_process_exports_is_left_alone(kept, quick, tmp_path):
    path = tmp_path / "shop.onnx"
    with (
        claimed_name(path, "writing"),
        pytest.raises(ValueError, match="Another process is writing.*shop"),
    ):
        export(kept, "onnx", path, image_size=SIZE)
    export(kept, "onnx", path, image_size=SIZE)
    assert sorted(x.name for x in tmp_path.iterdir()) == [
        "shop.onnx",
        "shop.onnx.json",
    ]


def test_a_link_that_leads_nowhere_is_not_written_over(kept, tmp_path):
    (tmp_path / "shop.onnx").symlink_to(tmp_path / "gone")
    with pytest.raises(ValueError, match="something of this name already"):
        export(kept, "onnx", tmp_path / "shop.onnx", image_size=SIZE)


def test_an_export_of_no_tasks_is_refused(kept, tmp_path):
    words = r"a task to answer, and there is none.*tasks=\[\]"
    with pytest.raises(ValueError, match=words):
        export(kept, "saved_model", tmp_path / "shop", [])
    with pytest.raises(ValueError, match="Add one first"):
        export(Bundle(kept.source), "saved_model", tmp_path / "shop")


def test_a_leading_tilde_is_the_user_s_own_folder(
    kept, quick, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    found = export(kept, "saved_model", "~/shop", image_size=SIZE)
    assert found.path == tmp_path / "shop"
    assert found.path.is_dir()


@pytest.mark.parametrize("name", FORMATS)
def test_normalisation_is_exported_and_any_name_is_an_output(tmp_path, name):
    for module in FORMATS[name].modules:
        pytest.importorskip(module)
    image = keras.Input((None, None, 3))
    x = keras.layers.Normalization(mean=[99.0, 110, 120], variance=[9e3] * 3)(
        image
    )
    x = keras.layers.Conv2D(16, 3, 2, "same", name="early")(x)
    x = keras.layers.Conv2D(32, 3, 2, "same", name="late")(x)
    model = SNOWModel.from_source(keras.Model(image, x), 3)
    bundle = Bundle(model.source)
    # Runtimes have names of their own, "served...", which come before these.
    for task in ("tea", "wren"):
        bundle.add(task, model, image_size=SIZE)
    path = tmp_path / f"shop{FORMATS[name].ending}"
    (layer,) = (x for x in model.source.network.layers if hasattr(x, "mean"))
    mean = layer.mean
    found = FORMATS[name].open(export(bundle, name, path).path)
    assert layer.mean is mean
    assert set(found.outputs) == {"tea", "wren"}
    expected = bundle.predict(images(2))
    assert deviation(expected, found(images(2))) < 1e-4
