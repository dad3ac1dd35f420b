"""Source, deltas and manifest of a bundle belong together, or it says so."""

import json
import re
import shutil

import pytest

from keras_snow.serving import Bundle
from keras_snow.serving.source_cuts import SourceCuts
from tests.serving.toy_bundles import toy_delta
from tests.serving.toy_bundles import toy_source
from tests.toys import images

OF_A_FILE = ("file", "size", "sha256")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """Returns the folder of a bundle of another source."""
    folder = tmp_path_factory.mktemp("other") / "bundle"
    bundle = Bundle(toy_source(seed=1))
    bundle.add("cars", toy_delta(bundle.source, 4, head="delta"))
    bundle.save(folder)
    return folder


def read(folder):
    return json.loads((folder / "bundle.json").read_text())


def swap_files(data, _):
    one, two = data["tasks"][:2]
    for key in OF_A_FILE:
        one[key], two[key] = two[key], one[key]


def swap_names(data, _):
    one, two = data["tasks"][:2]
    one["name"], two["name"] = two["name"], one["name"]


def change(key):
    def change_it(data, _):
        data["tasks"][1][key] += 1

    return change_it


def change_the_size_of_the_source(data, _):
    data["source"]["size"] += 1


def take_a_task_of_the_other(data, other):
    data["tasks"][1] = read(other)["tasks"][0]


def take_the_source_of_the_other(data, other):
    data["source"] = read(other)["source"]


def name_one_twice(data, _):
    data["tasks"][1]["name"] = "birds"


def drop_all_tasks(data, _):
    data["tasks"] = []


def drop_one_task(data, _):
    del data["tasks"][1]


def tamper(folder, other, how, sealed=True):
    """Changes a manifest, with all files of the other bundle at hand."""
    shutil.copytree(other, folder, dirs_exist_ok=True, ignore=_manifest)
    data = read(folder)
    how(data, other)
    if not sealed:
        del data["seals"]
    (folder / "bundle.json").write_text(json.dumps(data))


def _manifest(_, names):
    return [name for name in names if name == "bundle.json"]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (swap_files, "birds, cars"),
        (swap_names, "cars, birds"),
        (change("num_classes"), "cars"),
        (change("size"), "cars"),
        (change("version"), "cars"),
        (take_a_task_of_the_other, "cars"),
        (take_the_source_of_the_other, "birds, cars, food"),
        (name_one_twice, "a task named twice: birds"),
        (drop_all_tasks, "birds, cars, food"),
        (drop_one_task, "cars"),
    ],
)
def test_a_manifest_of_other_hands_is_not_opened(folder, other, how, words):
    tamper(folder, other, how)
    with pytest.raises(ValueError, match=f"damaged.*{words}"):
        Bundle.load(folder)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (swap_files, "'birds' is not the one that the manifest describes"),
        (change("num_classes"), "'cars' is not the one.*num_classes.: 5"),
        (take_a_task_of_the_other, "'cars': .*trained on another source"),
        (take_the_source_of_the_other, "'birds': .*trained on another"),
    ],
)
def test_without_seals_the_files_themselves_are_compared(
    folder, other, how, words
):
    tamper(folder, other, how, sealed=False)
    problems = Bundle.load(folder).verify()
    assert any(re.search(words, problem) for problem in problems)


@pytest.mark.parametrize(
    "how", [take_a_task_of_the_other, take_the_source_of_the_other]
)
def test_a_delta_of_another_source_is_never_used(folder, other, how):
    tamper(folder, other, how, sealed=False)
    bundle = Bundle.load(folder)
    for use in (bundle.fold, lambda tasks: bundle(images(1), tasks)):
        with pytest.raises(ValueError, match="'cars': .*another source"):
            use(["cars"])


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (change("size"), "'cars' is damaged: its size"),
        (change_the_size_of_the_source, "source is damaged: its size"),
    ],
)
def test_sizes_are_compared(folder, other, how, words):
    tamper(folder, other, how, sealed=False)
    (problem,) = Bundle.load(folder).verify()
    assert words in problem


def test_a_source_that_is_not_as_described_is_found(folder, other):
    def change_the_fingerprint(data, _):
        data["source"]["fingerprint"] = "0" * 64

    tamper(folder, other, change_the_fingerprint, sealed=False)
    (problem,) = Bundle.load(folder).verify()
    assert "another fingerprint" in problem


def test_seals_follow_each_change(folder, other_delta):
    bundle = Bundle.load(folder)
    bundle.rename("birds", "wrens")
    bundle.replace("cars", other_delta)
    bundle.remove("food")
    assert list(read(folder)["seals"]) == ["wrens", "cars"]
    assert Bundle.load(folder).verify() == []


def test_a_bundle_of_an_earlier_version_is_sealed_by_the_next_change(folder):
    data = read(folder)
    del data["seals"]
    (folder / "bundle.json").write_text(json.dumps(data))
    bundle = Bundle.load(folder)
    bundle.remove("food")
    assert list(read(folder)["seals"]) == ["birds", "cars"]


def test_a_cut_is_identified_once():
    class Countable:
        made = 0

        def select(self, taps):
            return self

        @property
        def fingerprint(self):
            Countable.made += 1
            return str(self.made)

    cuts = SourceCuts(Countable())
    assert cuts.fingerprint(["a", "b"]) == cuts.fingerprint(["b", "a"]) == "1"
    assert cuts.fingerprint(["a"]) == "2"
