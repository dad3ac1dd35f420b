"""LF: old answers are part of the loss, and nothing else is kept."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.baselines import LearningWithoutForgetting
from keras_snow.baselines import build_method
from tests.baselines.sources import the_source
from tests.toys import images

LABELS = np.arange(8) % 3


def numpy(value):
    return ops.convert_to_numpy(value).copy()


def fit(model, epochs=4, rate=0.01):
    model.compile(
        keras.optimizers.SGD(rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(images(8), LABELS, batch_size=8, epochs=epochs, verbose=0)


@functools.cache
def first_task():
    model = build_method("lf", the_source(), 4, task="birds")
    draw = np.random.default_rng(0)
    kernel = model.heads[0].kernel
    kernel.assign(draw.normal(0, 1.0, kernel.shape))
    return model


def second_task(**options):
    return build_method(
        "lf", the_source(), 3, previous=first_task(), task="cars", **options
    )


def test_the_first_task_has_nothing_to_forget():
    model = build_method("lf", the_source(), 4)
    model(images(2), training=True)
    assert model.teacher is None
    assert model.losses == []


def test_the_loss_is_the_cross_entropy_of_softened_old_answers():
    model = second_task(temperature=2.0, distillation=3.0)
    head = model.heads[0].kernel
    head.assign(numpy(head) * 0.5)
    batch = images(2)
    features = ops.mean(the_source()(batch)["block3_out"], axis=(1, 2))
    old = numpy(first_task().for_task("birds")(batch))
    new = numpy(features) @ numpy(head)

    def soften(logits):
        odds = np.exp(logits / 2.0 - (logits / 2.0).max(-1, keepdims=True))
        return odds / odds.sum(-1, keepdims=True)

    expected = -(soften(old) * np.log(soften(new))).sum(-1).mean()
    model(batch, training=True)
    np.testing.assert_allclose(float(model.losses[0]), 3 * expected, rtol=1e-3)


def test_inference_has_no_such_loss():
    model = second_task()
    model(images(2), training=False)
    assert model.losses == []


def test_a_second_task_adds_its_head_alone():
    before = sum(int(np.prod(v.shape)) for v in first_task().trainable_weights)
    after = sum(int(np.prod(v.shape)) for v in second_task().trainable_weights)
    assert after - before == 32 * 3 + 3


def test_the_teacher_and_the_model_before_stay_as_they_were():
    model, before = second_task(), first_task()
    answers = numpy(before(images()))
    kept = [model.teacher, *model.teacher_heads]
    teacher = [numpy(w) for part in kept for w in part.weights]
    body = [numpy(w) for w in model.body.trainable_weights]
    head = numpy(model.heads[0].kernel)
    fit(model)
    np.testing.assert_array_equal(numpy(before(images())), answers)
    now = [numpy(w) for part in kept for w in part.weights]
    for old, new in zip(teacher, now, strict=True):
        np.testing.assert_array_equal(old, new)
    for old, weight in zip(body, model.body.trainable_weights, strict=True):
        assert not np.array_equal(old, numpy(weight)), weight.path
    assert not np.array_equal(head, numpy(model.heads[0].kernel))


def test_distillation_keeps_the_old_answers_closer():
    def answers(model):
        logits = model.for_task("birds")(images(8))
        return numpy(ops.softmax(logits / model.temperature))

    drifts = []
    for distillation in (0.0, 20.0):
        keras.utils.set_random_seed(0)
        model = second_task(distillation=distillation)
        fit(model, epochs=40, rate=0.001)
        drift = np.abs(answers(model) - answers(first_task()))
        drifts.append(drift.mean())
    assert drifts[1] < 0.5 * drifts[0]


def test_it_goes_on_from_a_file(tmp_path):
    path = tmp_path / "model.keras"
    first_task().save(path)
    model = build_method("lf", the_source(), 3, previous=path)
    assert model.tasks == {"birds": 4, "task2": 3}
    np.testing.assert_array_equal(
        numpy(model.for_task("birds")(images())), numpy(first_task()(images()))
    )


def test_a_model_of_two_tasks_comes_back_from_its_file(tmp_path):
    model = second_task()
    path = tmp_path / "model.keras"
    model.save(path)
    again = keras.saving.load_model(path, compile=False)
    assert list(again.tasks) == ["birds", "cars"]
    for task in again.tasks:
        np.testing.assert_array_equal(
            numpy(again.for_task(task)(images())),
            numpy(model.for_task(task)(images())),
        )


def test_a_task_cannot_be_learned_twice():
    with pytest.raises(ValueError, match="learned before.*'birds'"):
        build_method("lf", the_source(), 3, previous=first_task(), task="birds")


def test_an_unknown_task_names_the_nearest():
    with pytest.raises(ValueError, match="Did you mean `birds`"):
        first_task().for_task("bird")


def test_previous_must_be_a_model_of_the_method(tmp_path):
    other = build_method("fo", the_source(), 3)
    with pytest.raises(ValueError, match="Received: previous=Classifier"):
        build_method("lf", the_source(), 3, previous=other)
    with pytest.raises(FileNotFoundError, match="no such file"):
        build_method("lf", the_source(), 3, previous=tmp_path / "none.keras")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"temperature": 0.0}, "`temperature` must be above 0"),
        ({"distillation": -1.0}, "distillation=-1.0"),
    ],
)
def test_a_number_out_of_range_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        LearningWithoutForgetting(first_task().body, {"a": 2}, **options)
