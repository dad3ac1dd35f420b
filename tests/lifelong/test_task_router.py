"""Which task an image belongs to, and when it belongs to none."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from tiny_sequences import OPTIONS
from tiny_sequences import SIZE
from tiny_sequences import colours
from tiny_sequences import stripes
from tiny_sequences import tiny_network

from keras_snow.data.task import Task
from keras_snow.evaluation.answers import picture_of
from keras_snow.lifelong import SavedSequence
from keras_snow.lifelong import SequenceFolder
from keras_snow.lifelong import TaskRouter
from keras_snow.lifelong import answer_routed
from keras_snow.lifelong import fit_and_evaluate
from keras_snow.lifelong import route
from keras_snow.lifelong.pooled_features import to_unit_length
from keras_snow.lifelong.task_gaussians import TaskGaussians
from keras_snow.metrics import ClassMoments
from keras_snow.serving import Bundle
from keras_snow.sources import Source

RANDOM = np.random.default_rng(0)


def dark(name="dark", count=60):
    """Two classes of almost black images."""
    images = RANDOM.integers(0, 12, (count, SIZE, SIZE, 3))
    images[::2, ..., 0] += 6
    return Task.from_arrays(
        images.astype("uint8"), np.arange(count) % 2, name=name
    )


def pixels(task, split="test"):
    count = len(task.split(split))
    return np.stack([picture_of(task, split, i, SIZE) for i in range(count)])


@pytest.fixture(scope="module")
def three():
    return [colours(), stripes(), dark()]


@pytest.fixture(scope="module")
def router(three):
    made = TaskRouter(Source(tiny_network()), image_size=SIZE)
    made.fit(three)
    return made


def test_images_go_to_their_tasks(router, three):
    router.gaussians.thresholds, kept = {}, router.thresholds
    for task in three:
        assert set(router.route(pixels(task))) == {task.name}
    router.gaussians.thresholds = kept


def test_an_image_of_no_task_belongs_to_none(router):
    noise = RANDOM.integers(0, 2, (8, SIZE, SIZE, 3)) * 255
    assert router.route(noise) == [None] * 8


def test_distances_are_mahalanobis_with_the_covariance_within_classes():
    known = {
        "a": RANDOM.normal(size=(40, 4)),
        "b": RANDOM.normal(3, 1, (50, 4)),
    }
    gaussians = TaskGaussians(4, shrinkage=0.1)
    centred = []
    for name, features in known.items():
        moments = ClassMoments(1, 4)
        moments.update(features, np.zeros(len(features), int))
        gaussians.add(name, moments)
        centred.append(features - features.mean(axis=0))
    within = np.concatenate(centred)
    covariance = within.T @ within / (len(within) - 2)
    target = 0.1 * np.trace(covariance) / 4 * np.eye(4)
    precision = np.linalg.inv(0.9 * covariance + target)
    asked = RANDOM.normal(size=(6, 4))
    for name, features in known.items():
        off = asked - features.mean(axis=0)
        expected = np.einsum("ni,ij,nj->n", off, precision, off)
        found = gaussians.distances(asked)[name]
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_level_is_the_share_of_held_out_images_that_is_taken(three):
    made = TaskRouter(Source(tiny_network()), image_size=SIZE)
    made.fit(three, level=0.5)
    for task in three:
        parts = list(made.features(task, "validation"))
        held_out = np.concatenate([features for features, _ in parts])
        distances = made.gaussians.distances(held_out)[task.name]
        taken = np.mean(distances <= made.thresholds[task.name])
        assert 0.5 <= taken <= 0.5 + 1.5 / len(held_out)


def test_a_task_learned_later_gives_what_learning_all_at_once_gives(
    router, three
):
    made = TaskRouter(router.source, image_size=SIZE)
    for task in three:
        made.learn(task)
    assert made.thresholds == {}
    made.calibrate(three)
    assert made.thresholds == router.thresholds


def test_a_saved_router_decides_alike(router, three, tmp_path):
    router.save(tmp_path / "router.npz")
    loaded = TaskRouter.load(tmp_path / "router.npz", Source(tiny_network()))
    assert loaded.tasks == router.tasks
    assert loaded.thresholds == router.thresholds
    parts = [x for x, _ in router.features(three[0], "test")]
    for name, distances in router.gaussians.distances(parts[0]).items():
        np.testing.assert_array_equal(
            loaded.gaussians.distances(parts[0])[name], distances
        )


def test_another_source_or_a_damaged_file_is_refused(router, tmp_path):
    path = tmp_path / "router.npz"
    router.save(path)
    other = tiny_network()
    kernel = other.get_layer("late").kernel
    kernel.assign(2.0 * kernel)
    with pytest.raises(ValueError, match="made with another source"):
        TaskRouter.load(path, Source(other))
    with pytest.raises(ValueError, match="no such tap"):
        TaskRouter.load(path, Source(other).select(["early"]))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="may be damaged"):
        TaskRouter.load(path, router.source)
    with pytest.raises(FileNotFoundError):
        TaskRouter.load(tmp_path / "missing.npz", router.source)


def test_a_router_that_can_not_decide_says_why(three):
    made = TaskRouter(Source(tiny_network()), image_size=SIZE)
    with pytest.raises(ValueError, match="knows|known yet"):
        made.route(pixels(three[0]))
    made.learn(three[0])
    with pytest.raises(ValueError, match="'colours'"):
        made.learn(three[0])
    with pytest.raises(ValueError, match="calibrated together"):
        made.calibrate(three)
    with pytest.raises(ValueError, match=r"level=1\.0"):
        made.calibrate(three[:1], level=1.0)
    splits = {k: v for k, v in three[1].splits.items() if k != "validation"}
    with pytest.raises(ValueError, match="Hold some out"):
        made.fit([Task("two", three[1].class_names, splits)])


def test_a_fit_that_fails_leaves_the_router_as_it_was(three):
    made = TaskRouter(Source(tiny_network()), image_size=SIZE)
    with pytest.raises(ValueError, match=r"level=1\.5"):
        made.fit(three[:2], level=1.5)
    assert made.tasks == ()
    with pytest.raises(ValueError, match="task='colours'"):
        made.fit([three[0], three[0]])
    assert made.tasks == ()
    made.fit(three[:2])
    before = made.thresholds
    with pytest.raises(ValueError, match="`learn` the new ones"):
        made.fit(three[2:])
    assert made.tasks == ("colours", "stripes")
    assert made.thresholds == before


def test_a_covariance_without_an_inverse_is_told(three):
    with pytest.raises(ValueError, match="share from 0 to 1"):
        TaskRouter(Source(tiny_network()), SIZE, shrinkage=2.0)
    alike = np.zeros((20, SIZE, SIZE, 3), "uint8")
    alike[::2] = 9
    alike[0] = 7
    made = TaskRouter(Source(tiny_network()), SIZE, shrinkage=0.0)
    with pytest.raises(ValueError, match="no inverse"):
        made.fit([Task.from_arrays(alike, np.arange(20) % 2, name="flat")])
    assert made.tasks == ()


def test_the_report_counts_what_router_and_task_get_right(three):
    made = TaskRouter(Source(tiny_network()), image_size=SIZE)
    right = {
        task.name: np.arange(len(task.labels("test"))) % 2 == 0
        for task in three
    }
    found = fit_and_evaluate(made, three, right, [dark("night")])
    for task in three:
        shares = found["tasks"][task.name]
        chosen = made.route(pixels(task))
        taken = np.array([each == task.name for each in chosen])
        assert shares["task_aware"] == 0.5
        assert shares["routed"] == 1.0
        assert shares["task_agnostic"] == 0.5
        expected = np.mean(taken & right[task.name])
        assert shares["with_rejection"] == pytest.approx(expected)
        row = found["confusion"][made.tasks.index(task.name)]
        assert row[-1] == chosen.count(None)
        assert sum(row) == shares["count"] == len(chosen)
    # Left out once each, and "night" looks like "dark".
    assert set(found["foreign"]) == {"night", "colours", "stripes", "dark"}
    assert found["foreign"]["dark"] == 1.0
    assert found["foreign"]["night"] < 0.5


def test_a_foreign_task_is_none_of_the_sequence(three):
    made = TaskRouter(Source(tiny_network()), image_size=SIZE)
    with pytest.raises(ValueError, match="foreign='colours'"):
        fit_and_evaluate(made, three, {}, [three[0]])


@pytest.fixture(scope="module")
def routed(shared, source, tasks, tmp_path_factory):
    """A sequence's folder with a router, and what `route` returned."""
    out = tmp_path_factory.mktemp("routed") / "copy"
    shutil.copytree(shared[1], out)
    return out, route(tasks, source, out, level=0.8, options=OPTIONS)


def test_a_sequence_is_reported_with_its_router(shared, source, tasks, routed):
    out, found = routed
    aware = [shares["task_aware"] for shares in found["tasks"].values()]
    assert aware == shared[0]["matrix"][-1]
    assert json.loads((out / "routing.json").read_text()) == found
    assert "task-agnostic" in (out / "lifelong.md").read_text()
    loaded = TaskRouter.load(out / "router.npz", Source.from_file(source))
    assert loaded.tasks == ("colours", "stripes")
    before = (out / "router.npz").stat().st_mtime_ns
    assert route(tasks, source, out, level=0.8, options=OPTIONS) == found
    assert (out / "router.npz").stat().st_mtime_ns == before


def test_a_saved_sequence_answers_with_the_task_that_was_chosen(routed, tasks):
    out, _ = routed
    sequence = SavedSequence(out)
    noise = RANDOM.integers(0, 2, (1, SIZE, SIZE, 3)) * 255
    images = np.concatenate([pixels(tasks[1]), noise, pixels(tasks[0])])
    answers = sequence.answer(images)
    assert [each.task for each in answers] == sequence.router.route(images)
    folder = SequenceFolder(out, ["colours", "stripes"])
    told = {
        name: folder.read_arrays("answers", number)["logits"]
        for number, name in enumerate(folder.names)
    }
    count = len(told["stripes"])
    rows = [*told["stripes"], None, *told["colours"]]
    truth = ["stripes"] * count + [None] + ["colours"] * len(told["colours"])
    right = [
        (each, row)
        for each, name, row in zip(answers, truth, rows, strict=True)
        if each.task == name
    ]
    # The router takes a share of 0.8, and the noise is of no task.
    assert {each.task for each, _ in right} == {None, "colours", "stripes"}
    for each, row in right:
        if row is None:
            assert each.logits is None
            assert each.choice.distance > each.choice.threshold
        else:
            np.testing.assert_allclose(each.logits, row, rtol=1e-4, atol=1e-5)
            assert each.choice.distance <= each.choice.threshold


def test_a_sequence_without_a_router_says_how_to_have_one(shared, tmp_path):
    _, out, _ = shared
    with pytest.raises(FileNotFoundError, match="again with `--route`"):
        SavedSequence(out)
    with pytest.raises(FileNotFoundError, match="no finished sequence"):
        SavedSequence(tmp_path)
    with pytest.raises(ValueError, match="but another run"):
        SavedSequence(SequenceFolder(out, ["colours", "stripes"]).task(1).path)


def test_a_sequence_that_is_not_finished_has_no_router(tasks, tmp_path):
    with pytest.raises(FileNotFoundError, match="no finished sequence"):
        route(tasks, Source(tiny_network()), tmp_path)


@pytest.mark.slow
def test_a_bundle_answers_the_task_that_the_router_chose(snow, source, three):
    _, out = snow
    bundle = Bundle(source)
    for number, name in enumerate(["colours", "stripes"], start=1):
        bundle.add(name, out / f"tasks/{number:02}-{name}")
    made = TaskRouter(bundle.source, image_size=SIZE)
    made.fit(three[:2])
    noise = RANDOM.integers(0, 2, (1, SIZE, SIZE, 3)) * 255
    images = np.concatenate([pixels(three[1])[:3], noise, pixels(three[0])[:3]])
    answers = answer_routed(bundle, made, images)
    assert [each.task for each in answers] == made.route(images)
    assert answers[3].task is None
    assert answers[3].logits is None
    told = bundle.predict(images)
    assert {each.task for each in answers} > {None}
    for place, each in enumerate(answers):
        if each.task is not None:
            np.testing.assert_allclose(
                each.logits, told[each.task][place], rtol=1e-5, atol=1e-6
            )
    made.learn(three[2])
    with pytest.raises(ValueError, match="'dark'"):
        answer_routed(bundle, made, images)


def test_features_have_the_length_1():
    found = to_unit_length(RANDOM.normal(size=(3, 5)))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0)
    assert to_unit_length(np.zeros((1, 5))).tolist() == [[0.0] * 5]


@pytest.mark.parametrize("what", ["order", "task", "source", "size"])
def test_a_router_is_of_the_sequence_in_the_folder(
    routed, source, tasks, what, tmp_path
):
    out = tmp_path / "copy"
    shutil.copytree(routed[0], out)
    given = {"sequence": tasks, "source": source, "options": OPTIONS}
    if what == "order":
        given["sequence"] = tasks[::-1]
    elif what == "task":
        given["sequence"] = [tasks[0], dark("stripes")]
    elif what == "source":
        other = tiny_network()
        kernel = other.get_layer("late").kernel
        kernel.assign(2.0 * kernel)
        given["source"] = other
    else:
        given["options"] = dataclasses.replace(OPTIONS, image_size=SIZE // 2)
    before = {x.name: x.read_bytes() for x in out.glob("*") if x.is_file()}
    with pytest.raises(ValueError, match="another sequence"):
        route(out=out, level=0.8, **given)
    after = {x.name: x.read_bytes() for x in out.glob("*") if x.is_file()}
    assert after == before
