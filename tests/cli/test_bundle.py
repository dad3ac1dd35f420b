"""`keras-snow bundle` from its making to its answers."""

import json
import shutil

import pytest

from keras_snow.deltas.compact import compact
from keras_snow.models import SNOWModel


@pytest.fixture(scope="session")
def _shop(run, source, tmp_path_factory):
    from keras_snow.serving import Bundle

    folder = tmp_path_factory.mktemp("bundles") / "shop"
    bundle = Bundle(source)
    bundle.save(folder)
    bundle.add("colours", run)
    return folder


@pytest.fixture
def shop(_shop, tmp_path):
    """Returns a bundle of a test's own, with one task."""
    return shutil.copytree(_shop, tmp_path / "shop")


def test_from_its_making_to_its_answers(snow, run, source, images):
    assert snow("bundle", "create", "new", "--source", source).exit_code == 0
    added = snow("bundle", "add", "new", "colours", run)
    assert "colours  version 1, 3 classes, 32 px" in added.output
    assert "MB, engine float32, packing moved its logits" in added.output
    replaced = snow("bundle", "add", "new", "colours", run, "--replace")
    assert "version 2" in replaced.output
    assert snow("bundle", "rename", "new", "colours", "tints").exit_code == 0
    (listed,) = json.loads(snow("bundle", "list", "new", "--json").output)
    assert listed["name"] == "tints"
    assert listed["class_names"] == ["blue", "green", "red"]
    assert "1 tasks are intact" in snow("bundle", "verify", "new").output
    picture = images / "red" / "00.png"
    found = snow("bundle", "predict", "new", picture, "--json", "--top", "3")
    (answer,) = json.loads(found.output)
    alone = json.loads(snow("predict", run, picture, "--json").output)
    for one, other in zip(
        answer["tasks"]["tints"], alone[0]["predictions"], strict=True
    ):
        assert one["class"] == other["class"]
        assert one["score"] == pytest.approx(other["score"], abs=1e-3)
    assert snow("bundle", "remove", "new", "tints").exit_code == 0
    assert "no tasks" in snow("bundle", "list", "new").stderr


def test_a_delta_file_can_be_added(snow, shop, run):
    added = snow("bundle", "add", shop, "plain", run / "model" / "delta.keras")
    assert added.exit_code == 0, added.output
    assert "plain  version 1, 3 classes, 0." in added.output
    assert "plain" in snow("bundle", "list", shop).output
    assert "numbers; name them with --class-names" in added.stderr
    assert "answered on 224 px; say it with --image-size" in added.stderr


def test_a_delta_file_is_added_with_its_classes_and_size(snow, shop, run):
    delta = run / "model" / "delta.keras"
    facts = ["--class-names", "blue, green,red", "--image-size", "32"]
    added = snow("bundle", "add", shop, "plain", delta, *facts)
    assert "plain  version 1, 3 classes, 32 px" in added.output
    assert not added.stderr
    lines = shop / "names.txt"
    lines.write_text("bleu\nvert pâle\n\nrouge\n", encoding="utf-8")
    facts = ["--replace", "--class-names", lines]
    assert snow("bundle", "add", shop, "plain", delta, *facts).exit_code == 0
    tasks = json.loads(snow("bundle", "list", shop, "--json").output)
    assert tasks[1]["class_names"] == ["bleu", "vert pâle", "rouge"]
    assert tasks[1]["image_size"] == 32


def test_answers_can_be_read_by_people(snow, shop, images):
    found = snow("bundle", "predict", shop, images / "red", "--tasks=colours")
    assert found.output.count(" colours\n") == 12
    assert "%" in found.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "shop", "colours", "RUN"], "of this name already"),
        (["add", "shop", "a/b", "RUN"], "name='a/b'"),
        (["add", "shop", "more", "missing.keras"], "missing.keras"),
        (["add", "shop", "more", "shop"], "no run in this folder"),
        (["add", "shop", "more", "RUN", "--version", "-1"], "version=-1"),
        (["add", "shop", "more", "RUN", "--class-names", "a,b"], "2 class nam"),
        (["add", "shop", "more", "RUN", "--class-names", "a.txt"], "a.txt"),
        (["add", "shop", "more", "RUN", "--class-names", ","], "no names"),
        (["add", "shop", "more", "RUN", "--image-size", "0"], "image_size=0"),
        (["add", "shop", "colour", "RUN", "--replace"], "mean `colours`"),
        (["add", "nowhere", "more", "RUN"], "no bundle in this folder"),
        (["remove", "shop", "colour"], "mean `colours`"),
        (["rename", "shop", "colour", "x"], "mean `colours`"),
        (["rename", "shop", "colours", "a b"], "name='a b'"),
        (["list", "nowhere"], "no bundle in this folder"),
        (["verify", "nowhere"], "no bundle in this folder"),
        (["predict", "shop", "IMAGE", "--tasks", "color"], "Known: colours"),
        (["predict", "shop", "IMAGE", "--tasks", ""], "'' names nothing"),
        (["predict", "shop", "missing.png"], "missing.png"),
        (["predict", "shop", ""], "path of an image is empty"),
        (["predict", "", "IMAGE"], "'DIR': The path is empty"),
        (["add", "shop", "more", ""], "The path is empty"),
        (["create", "shop", "--source", "SOURCE"], "in this folder already"),
        (["create", "new", "--source", "resnet5"], "Did you mean `resnet50`"),
    ],
)
def test_bad_input_is_one_sentence(
    fails, shop, run, images, source, arguments, words
):
    real = {"RUN": run, "SOURCE": source, "IMAGE": images / "red" / "00.png"}
    before = (shop / "bundle.json").read_text()
    found = fails("bundle", *(real.get(each, each) for each in arguments))
    assert words in found
    assert (shop / "bundle.json").read_text() == before


def test_a_damaged_file_is_one_sentence(fails, shop):
    (file,) = (shop / "deltas").iterdir()
    file.write_bytes(file.read_bytes()[:-9])
    assert "'colours' is damaged" in fails("bundle", "verify", shop)


def test_a_delta_of_another_source_is_one_sentence(
    fails, shop, run, source, tmp_path
):
    model = SNOWModel.from_delta(source, run / "model" / "delta.keras")
    model.delta.source_fingerprint = "another"
    compact(model.delta).save(tmp_path / "other.keras")
    message = fails("bundle", "add", shop, "more", tmp_path / "other.keras")
    assert "trained on another source" in message


@pytest.mark.parametrize(
    "verb",
    ["create", "add", "remove", "rename", "list", "verify", "predict"],
)
def test_help_has_an_example(snow, verb):
    found = snow("bundle", verb, "--help")
    assert found.exit_code == 0
    assert f"keras-snow bundle {verb} " in found.output


def test_an_unknown_part_names_the_nearest(snow):
    found = snow("bundle", "ad")
    assert found.exit_code == 2
    assert "Did you mean `add`" in found.stderr


def test_a_base_without_prototypes_is_refused(fails, shop, run, images):
    found = fails("bundle", "add", shop, "tea", run, "--base", images)
    assert "Give `--prototypes`, too" in found
