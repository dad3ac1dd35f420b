"""`lifelong` and `route`: what they print and leave, and what they refuse."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from keras_snow.cli.main import main
from keras_snow.models import SNOWModel
from keras_snow.serving import Bundle
from tests.cli.conftest import draw

TINY = ["--image-size", "32", "--batch-size", "8", "--epochs", "1", "--quiet"]


@pytest.fixture(scope="session")
def greys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("second") / "others"
    return draw(folder, classes=("dim", "lit"), count=20)


@pytest.fixture(scope="module")
def learned(images, greys, source, tmp_path_factory):
    """What `lifelong --route` printed, and the folder that it left."""
    out = tmp_path_factory.mktemp("lifelong") / "seq"
    command = ["lifelong", images, greys, "--source", source, "--method", "fo"]
    command += [*TINY, "--out", out, "--route"]
    return CliRunner().invoke(main, [str(each) for each in command]), out


def test_it_learns_measures_and_routes(learned, snow, images, greys, source):
    result, out = learned
    assert result.exit_code == 0, result.output
    assert "| forgetting | 0.00 |" in result.stdout
    assert "bit for bit those of the moment" in result.stdout
    assert "| task | routed right |" in result.stdout
    record = json.loads((out / "record.json").read_text())
    assert record["tasks"] == ["colours", "others"]
    assert record["forgetting"] == [0.0]
    page = (out / "lifelong.md").read_text()
    assert "When nobody says which task" in page
    assert (out / "router.npz").is_file()
    # Another sequence in the same folder is one sentence.
    command = ["lifelong", images, greys, "--source", source, "--method", "fo"]
    other = snow(*command, *TINY, "--out", out, "--seed", "1")
    assert other.exit_code == 2
    assert "seed (0 there, 1 now)" in other.stderr


def nearest_of(found):
    """Returns what was said of the image that lies deepest in its task."""
    taken = [said for said in found if said["task"]]
    return min(taken, key=lambda said: said["distance"] / said["threshold"])


def test_images_are_routed_and_answered(learned, snow, images, greys):
    _, out = learned
    result = snow("route", out, images, greys, "--json", "--top", "2")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert len(found) == 36 + 40
    for said in found:
        near = said["distance"] <= said["threshold"]
        assert said["task"] == (said["nearest"] if near else None)
        assert len(said["predictions"]) == (2 if near else 0)
    # The other task has nothing blue.
    blue = [each["nearest"] for each in found if "/blue/" in each["image"]]
    assert blue == ["colours"] * 12
    best = nearest_of(found)
    shown = snow("route", out, best["image"])
    assert shown.exit_code == 0, shown.output
    name, task, answer = shown.stdout.splitlines()
    assert name == best["image"]
    assert task.startswith(f" {best['task']} (distance ")
    assert answer.endswith(best["predictions"][0]["class"])


def test_an_image_of_no_task_is_of_none_of_these(learned, snow, tmp_path):
    _, out = learned
    pixels = np.random.default_rng(0).integers(0, 2, (40, 40, 3)) * 255
    Image.fromarray(pixels.astype("uint8")).save(tmp_path / "noise.png")
    result = snow("route", out, "noise.png")
    assert result.exit_code == 0, result.output
    name, said = result.stdout.splitlines()
    assert name == "noise.png"
    assert said.startswith(" none of these (nearest: ")
    assert "taken up to" in said


def test_a_bundle_is_routed_with_the_router_of_a_sequence(
    learned, snow, fails, source, images
):
    _, out = learned
    alone = nearest_of(json.loads(snow("route", out, images, "--json").stdout))
    picture = alone["image"]
    Bundle(source).save("shop")
    assert "--router seq/router.npz" in fails("route", "shop", picture)
    command = ["route", "shop", picture, "--router", out / "router.npz"]
    assert "its own source" in fails(*command, "--source", source)
    model = SNOWModel.from_source(source, 3, k=4)
    bundle = Bundle.load("shop")
    bundle.add("colours", model, image_size=32)
    assert "'others'" in fails(*command), "The bundle lacks this task."
    bundle.add("others", model, image_size=64)
    assert "64 px for 'others'" in fails(*command)
    bundle.replace("others", model, image_size=32)
    (said,) = json.loads(snow(*command, "--json").stdout)
    assert said["distance"] == pytest.approx(alone["distance"], rel=1e-3)
    assert said["task"] == alone["task"]
    told = snow("bundle", "predict", "shop", picture, "--json")
    (expected,) = json.loads(told.stdout)[0]["tasks"][said["task"]]
    assert said["predictions"][0]["class"] == expected["class"]


def test_what_can_not_be_routed_is_one_sentence(
    learned, fails, images, tmp_path
):
    _, out = learned
    picture = images / "red" / "00.png"
    assert "no finished sequence" in fails("route", "nowhere", picture)
    assert "but another run" in fails(
        "route", out / "tasks/01-colours", picture
    )
    assert "missing.png" in fails("route", out, "missing.png")
    copy = tmp_path / "copy"
    shutil.copytree(out, copy)
    (copy / "router.npz").write_bytes(b"PK")
    assert "may be damaged" in fails("route", copy, picture)
    (copy / "router.npz").unlink()
    assert "again with `--route`" in fails("route", copy, picture)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--method", "snwo"], "Did you mean `snow`"),
        (["--method", "ftshared"], "Did you mean `ft_shared`"),
        (["--method", "fo", "--k", "8"], "'fo' has no such setting"),
        (["--method", "lf", "--set", "previous=x"], "sequence itself"),
        (["--method", "bn"], "no batch normalisation"),
        (["--start", "sorce"], "Did you mean `source`"),
        (["--recheck", "0"], "recheck=0"),
        (["--accept", "1"], "accept=1.0"),
        (["--method", "fo,fo"], "each of several once"),
        (["--method", ""], "'' names nothing"),
        (["--method", "fo,lff"], "Did you mean `lf`"),
        (["--method", "snow,ft", "--k", "4"], "'ft' has no such setting"),
        (["--reversed", "--route"], "one method in one order"),
        (["--route", "--validation", "0"], "Hold some out"),
        (["--foreign", "x.npz"], "x.npz"),
        (["--epochs", "0"], "epochs=0"),
        (["--batch-size", "4000"], "fewer training images than one batch"),
        (["--source", "resnet5"], "Did you mean `resnet50`"),
        (["--image-size", "2", "--method", "snow"], "too small"),
    ],
)
def test_bad_options(fails, images, greys, source, options, words):
    command = ["lifelong", images, greys, "--source", source, *TINY]
    assert words in fails(*command, *options)


def test_one_task_is_no_sequence(fails, images, source):
    message = fails("lifelong", images, "--source", source, *TINY)
    assert "two tasks at least" in message


def test_a_task_is_learned_once(fails, images, source):
    message = fails("lifelong", images, images, "--source", source, *TINY)
    assert "there already as 'colours'" in message


def test_foreign_images_are_for_the_router(fails, images, greys, source):
    command = ["lifelong", images, greys, "--source", source, *TINY]
    assert "Add `--route`" in fails(*command, "--foreign", images)


def test_a_folder_of_other_files_is_refused(
    fails, images, greys, source, tmp_path
):
    (tmp_path / "seq").mkdir()
    (tmp_path / "seq/thesis.txt").write_text("words")
    command = ["lifelong", images, greys, "--source", source, *TINY]
    assert "thesis.txt" in fails(*command, "--out", "seq")
