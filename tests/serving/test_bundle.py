"""A bundle answers many tasks from one pass, and each as if it were alone."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.core.dtype_policy import dtype_policy
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.deltas import DeltaSettings
from keras_snow.deltas import ResNetDelta
from keras_snow.models import SNOWModel
from keras_snow.serving import Bundle
from keras_snow.serving import passes as answering
from keras_snow.serving.admission import open_delta
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.deviation import deviation
from keras_snow.serving.deviation import draw_images
from keras_snow.serving.packing import pack
from keras_snow.serving.packing import read_packed
from keras_snow.serving.packing import write_packed
from keras_snow.sources import Source
from tests.deltas.test_resnet_delta import RESNET50_TAPS
from tests.serving.toy_bundles import CLASSES
from tests.serving.toy_bundles import toy_delta
from tests.serving.toy_bundles import toy_source
from tests.toys import SIZE
from tests.toys import images
from tests.toys import striped_task


def logits_of(bundle, tasks=None):
    return {
        name: ops.convert_to_numpy(value)
        for name, value in bundle(images(), tasks).items()
    }


@pytest.fixture
def bundle(kept):
    """Returns a bundle in memory that a test may change."""
    copy = Bundle(kept.source)
    copy._shelf.manifest.tasks = dict(kept._shelf.tasks)
    copy._shelf._deltas = dict(kept._shelf._deltas)
    return copy


@pytest.fixture
def passes(monkeypatch):
    """Lists the sources that were run, each as often as it was."""
    ran = []
    call = Source.call

    def counted(self, *args, **kwargs):
        ran.append(self)
        return call(self, *args, **kwargs)

    monkeypatch.setattr(Source, "call", counted)
    return ran


def test_every_task_is_answered_from_one_pass(kept, passes):
    kept(images(1))  # What builds the cut source is behind it.
    passes.clear()
    logits = logits_of(kept)
    assert len(passes) == 1
    assert list(logits) == list(CLASSES)
    for name, value in logits.items():
        assert value.shape == (4, CLASSES[name])


def test_some_tasks_run_the_source_only_as_far_as_they_read(kept, passes):
    kept(images(1), ["cars"])
    passes.clear()
    assert list(logits_of(kept, ["cars"])) == ["cars"]
    (ran,) = passes
    layers = [layer.name for layer in ran.network.layers]
    assert "block2_out" in layers
    assert "block3_1_conv" not in layers


def test_no_tasks_take_no_pass(kept, passes):
    assert kept(images(), []) == {}
    assert not passes


def test_a_task_is_answered_as_by_its_own_model():
    source = toy_source()
    delta = toy_delta(source, 3)
    bundle = Bundle(source)
    bundle.add("birds", delta)
    expected = ops.convert_to_numpy(SNOWModel(source, delta)(images()))
    found = logits_of(bundle)["birds"]
    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()


def test_no_change_moves_another_task_by_a_bit(bundle, other_delta):
    before = logits_of(bundle)
    bundle.add("dogs", other_delta)
    bundle.replace("birds", other_delta)
    bundle.rename("dogs", "hounds")
    after = logits_of(bundle)
    assert list(bundle) == ["birds", "cars", "food", "hounds"]
    for name in ("cars", "food"):
        assert np.array_equal(after[name], before[name])
    assert not np.array_equal(after["birds"], before["birds"])
    for gone in ("birds", "food", "hounds"):
        bundle.remove(gone)
    assert np.array_equal(logits_of(bundle)["cars"], before["cars"])
    assert bundle.task("cars").version == 1


def test_training_a_task_moves_no_other_by_a_bit(bundle, other_delta):
    before = logits_of(bundle)
    model = SNOWModel(bundle.source, other_delta)
    model.compile(
        keras.optimizers.SGD(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(*striped_task(8), batch_size=8, verbose=0)
    bundle.add("dogs", model)
    learned = logits_of(bundle)
    model.fit(*striped_task(8), batch_size=8, verbose=0)
    # A bundle holds copies: what is trained further enters by `replace`.
    assert np.array_equal(logits_of(bundle)["dogs"], learned["dogs"])
    bundle.replace("dogs", model)
    after = logits_of(bundle)
    assert not np.array_equal(after["dogs"], learned["dogs"])
    for name, value in before.items():
        assert np.array_equal(after[name], value)


def test_rows_of_a_batch_ask_for_different_tasks(kept, passes, monkeypatch):
    kept(images(1))
    passes.clear()
    seen = []
    answer = answering.answer

    def noted(delta, pixels, maps):
        seen.append((delta.num_classes, len(pixels)))
        return answer(delta, pixels, maps)

    monkeypatch.setattr(answering, "answer", noted)
    rows = ["food", "birds", "food", "cars"]
    found = kept.predict_rows(images(), rows)
    assert len(passes) == 1
    assert sorted(seen) == [(3, 1), (4, 1), (5, 2)]
    for index, name in enumerate(rows):
        expected = logits_of(kept, [name])[name][index]
        np.testing.assert_allclose(found[index], expected, rtol=1e-4, atol=1e-4)


def test_predict_answers_batch_by_batch(kept, passes):
    kept(images(1))
    passes.clear()
    found = kept.predict(images(5), batch_size=2)
    assert len(passes) == 3
    assert found["food"].shape == (5, 5)
    expected = ops.convert_to_numpy(kept(images(5))["food"])
    np.testing.assert_allclose(found["food"], expected, rtol=1e-4, atol=1e-4)


def test_it_is_a_collection_of_names(kept):
    assert len(kept) == 3
    assert "birds" in kept
    assert "hounds" not in kept
    assert [task.name for task in kept.tasks] == list(kept)


def test_a_replaced_task_counts_its_version_and_keeps_its_facts(
    bundle, other_delta
):
    bundle.replace(
        "birds", other_delta, class_names=("a", "b", "c"), image_size=96
    )
    assert bundle.replace("birds", other_delta).version == 3
    assert bundle.task("birds").class_names == ("a", "b", "c")
    assert bundle.task("birds").image_size == 96
    assert bundle.replace("birds", other_delta, version=9).version == 9


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda b: b(images(), ["bird"]), "Did you mean `birds`.*food"),
        (lambda b: b.predict_rows(images(1), ["bird"]), "mean `birds`"),
        (lambda b: b.predict_rows(images(2), ["birds"]), "1 tasks, 2 images"),
        (lambda b: b.remove("bird"), "mean `birds`.*task='bird'"),
        (lambda b: b.replace("bird", "x"), "mean `birds`"),
        (lambda b: b.rename("bird", "dogs"), "mean `birds`"),
        (lambda b: b.rename("birds", "cars"), "of this name already"),
        (lambda b: b.rename("birds", "../cars"), "name='../cars'"),
        (lambda b: b.add("birds", "x"), "of this name already"),
        (lambda b: b.add("a/b", "x"), "name='a/b'"),
        (lambda b: b.add("", "x"), "name=''"),
        (lambda b: b.add(".hidden", "x"), "name='.hidden'"),
        (lambda b: b.add("n" * 65, "x"), "at most 64"),
        (lambda b: b.add("image", "x"), "input of this name"),
        (lambda b: b.rename("birds", "image"), "input of this name"),
        (lambda b: b(images()[0]), r"images.shape=\(32, 32, 3\)"),
        (lambda b: b(images() / 255), "0 to 255"),
        (lambda b: b.predict(images(0)), "images=0"),
        (lambda b: b(images(0)), "images=0"),
        (lambda b: b.predict_rows(images(0), []), "images=0"),
        (lambda b: b.predict(images(), batch_size=0), "batch_size=0"),
        (lambda b: b.verify(), "in memory alone"),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(bundle, ask, words):
    before = bundle.tasks
    with pytest.raises(ValueError, match=words):
        ask(bundle)
    assert bundle.tasks == before


def test_an_empty_bundle_says_so(kept):
    with pytest.raises(ValueError, match="no tasks yet"):
        Bundle(kept.source)(images(), ["birds"])


def test_a_string_is_no_list_of_tasks(kept):
    with pytest.raises(TypeError, match="list of names"):
        kept(images(), "birds")


def test_what_is_no_delta_is_refused(kept):
    with pytest.raises(TypeError, match="ResNetDelta"):
        kept.add("dogs", keras.Sequential())


def test_a_delta_of_another_source_is_refused(bundle):
    stranger = toy_delta(toy_source(seed=5))
    with pytest.raises(ValueError, match="trained on another source"):
        bundle.add("dogs", stranger)
    assert "dogs" not in bundle


def test_a_delta_that_names_no_source_is_refused(bundle):
    delta = ResNetDelta(bundle.source.taps, 3)
    with pytest.raises(ValueError, match="made for None"):
        bundle.add("dogs", delta)


def test_a_delta_of_more_taps_is_refused(kept, other_delta):
    short = Bundle(kept.source.select(["stem_relu", "block1_out"]))
    with pytest.raises(ValueError, match="missing taps.*block2_out"):
        short.add("dogs", other_delta)


def test_class_names_must_fit_the_logits(bundle, other_delta):
    with pytest.raises(ValueError, match="2 class names, num_classes=3"):
        bundle.add("dogs", other_delta, class_names=["a", "b"])


def test_class_names_are_texts(bundle, other_delta):
    for names in (np.arange(3), [1, 2, 3], "abc"):
        with pytest.raises(TypeError, match="list of texts"):
            bundle.add("dogs", other_delta, class_names=names)
    assert "dogs" not in bundle


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_answers_do_not_depend_on_the_policy_it_was_made_under(
    policy, tmp_path, other_delta, kept
):
    kept.source.save(tmp_path / "source.keras")
    other_delta.save(tmp_path / "delta.keras")
    asked = {"image_size": SIZE}
    with dtype_policy(policy):
        made = Bundle(tmp_path / "source.keras")
        made.add("birds", tmp_path / "delta.keras", **asked)
        found = logits_of(made)["birds"]
        made.save(tmp_path / "shop")
        loaded = logits_of(Bundle.load(tmp_path / "shop"))["birds"]
        folded = ops.convert_to_numpy(made.fold()(images())["birds"])
    plain = Bundle(tmp_path / "source.keras")
    task = plain.add("birds", tmp_path / "delta.keras", **asked)
    assert made.task("birds").packing_deviation == task.packing_deviation
    expected = logits_of(plain)["birds"]
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(loaded, expected)
    assert deviation({"birds": expected}, {"birds": folded}) < 1e-4


def test_what_packing_moves_logits_by_is_measured():
    bundle = Bundle(toy_source())
    delta = toy_delta(bundle.source)
    task = bundle.add("birds", delta, image_size=SIZE)
    pixels = draw_images(SIZE)
    trained = ops.convert_to_numpy(SNOWModel(bundle.source, delta)(pixels))
    expected = deviation({"birds": trained}, bundle.predict(pixels))
    assert 0 < task.packing_deviation < 2e-4
    assert task.packing_deviation == pytest.approx(expected, rel=0.1)
    assert bundle.task("birds") == task
    again = bundle.replace("birds", bundle.delta("birds"))
    assert again.packing_deviation == 0


def test_packing_of_a_delta_without_finite_logits_is_not_known():
    bundle = Bundle(toy_source())
    delta = toy_delta(bundle.source)
    last = delta.trainable_variables[-1]
    last.assign(np.full(last.shape, np.nan))
    task = bundle.add("birds", delta, image_size=SIZE)
    assert task.packing_deviation is None


def test_packing_twice_changes_nothing_more(kept):
    small, arrays = pack(kept.delta("food"))
    again, others = pack(small)
    assert arrays.keys() == others.keys()
    for one, other in zip(small.weights, again.weights, strict=True):
        np.testing.assert_array_equal(np.array(one), np.array(other))


@pytest.mark.parametrize("num_classes", [200])
def test_a_delta_of_resnet50_takes_less_than_5_megabytes(num_classes, tmp_path):
    settings = DeltaSettings(k=0.125, width=0.125, head="levels")
    delta = ResNetDelta(RESNET50_TAPS, num_classes, settings)
    write_packed(tmp_path / "task.delta", *pack(delta))
    assert (tmp_path / "task.delta").stat().st_size < 5e6


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"{}"])
def test_a_damaged_packed_delta_is_refused(content, tmp_path):
    (tmp_path / "task.delta").write_bytes(content)
    with pytest.raises(ValueError, match="damaged.*task.delta"):
        read_packed(tmp_path / "task.delta")


def test_a_task_that_is_asked_twice_is_answered_once(kept):
    asked = ["cars", "birds", "cars"]
    found = kept.predict(images(), asked)
    assert list(found) == ["cars", "birds"]
    assert found["cars"].shape == (4, CLASSES["cars"])


def test_a_run_brings_the_range_of_its_images(other_delta, tmp_path):
    other_delta.save(tmp_path / "delta.keras")
    facts = {"kind": "delta", "image_size": SIZE, "value_range": [0, 4095]}
    write_json(tmp_path / "settings.json", facts)
    _, found = open_delta(tmp_path)
    task = BundledTask("dogs", 1, 3, (), **found)
    assert task.value_range == (0, 4095)
    write_json(tmp_path / "task.json", task.to_json())
    assert BundledTask.from_json(read_json(tmp_path / "task.json")) == task
