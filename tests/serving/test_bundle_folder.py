"""A bundle's folder is whole at any moment, and says what is wrong with it."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from keras import ops

from keras_snow.core import files
from keras_snow.core import staging
from keras_snow.core.lock import exclusive
from keras_snow.serving import Bundle
from keras_snow.serving import bundle_folder
from keras_snow.serving import task_shelf
from tests.toys import images

HERE = pathlib.Path(__file__).parent


def logits_of(bundle, tasks=None):
    return {
        name: ops.convert_to_numpy(value)
        for name, value in bundle(images(), tasks).items()
    }


def files_of(folder):
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    )


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def delta_file(folder, name):
    return folder / Bundle.load(folder).task(name).file


def test_a_saved_bundle_answers_bit_for_bit_the_same(kept, folder):
    expected, found = logits_of(kept), logits_of(Bundle.load(folder))
    for name, value in expected.items():
        assert np.array_equal(found[name], value)


def test_deltas_are_read_at_first_use(folder, monkeypatch):
    read = []
    load = bundle_folder.read_packed
    monkeypatch.setattr(
        bundle_folder,
        "read_packed",
        lambda path, *more: [read.append(path.name), load(path, *more)][1],
    )
    bundle = Bundle.load(folder)
    assert [task.num_classes for task in bundle.tasks] == [3, 4, 5]
    assert not read
    logits_of(bundle, ["cars"])
    logits_of(bundle, ["cars"])
    assert read == [delta_file(folder, "cars").name]


def test_each_change_is_on_disk_at_once(folder, other_delta):
    bundle = Bundle.load(folder)
    before = logits_of(bundle)
    bundle.add("dogs", other_delta, class_names=["a", "b", "c"])
    bundle.replace("birds", other_delta)
    bundle.rename("food", "meals")
    bundle.remove("cars")
    again = Bundle.load(folder)
    assert list(again) == ["birds", "meals", "dogs"]
    assert again.task("dogs").class_names == ("a", "b", "c")
    assert again.task("birds").version == 2
    assert np.array_equal(logits_of(again)["meals"], before["food"])
    assert again.verify() == []
    # Manifest, lock, source and, as two tasks are alike, two deltas: no more.
    assert len(files_of(folder)) == 5


def test_a_manifest_that_does_not_tell_the_packing_is_read(folder):
    bundle = Bundle.load(folder)
    assert 0 < bundle.task("birds").packing_deviation < 1e-3
    manifest = folder / "bundle.json"
    data = json.loads(manifest.read_text())
    del data["tasks"][0]["packing_deviation"]
    manifest.write_text(json.dumps(data))
    again = Bundle.load(folder)
    assert again.task("birds").packing_deviation is None
    again.rename("birds", "wrens")
    assert Bundle.load(folder).task("wrens").packing_deviation is None
    assert Bundle.load(folder).tasks[1:] == bundle.tasks[1:]


def test_a_change_of_another_process_is_kept(folder, other_delta):
    one, other = Bundle.load(folder), Bundle.load(folder)
    one.remove("cars")
    other.add("dogs", other_delta)
    assert list(other) == ["birds", "food", "dogs"]
    assert list(Bundle.load(folder)) == ["birds", "food", "dogs"]


def test_a_second_writer_is_told_to_wait(folder, monkeypatch):
    monkeypatch.setattr(bundle_folder, "PATIENCE", 0.1)
    before = files_of(folder)
    with (
        exclusive(folder / ".lock", "held"),
        pytest.raises(ValueError, match="Another process is changing"),
    ):
        Bundle.load(folder).remove("cars")
    assert files_of(folder) == before
    Bundle.load(folder).remove("cars")


@pytest.mark.parametrize("step", range(8))
def test_a_failure_at_any_step_leaves_the_old_state(
    folder, other_delta, monkeypatch, step
):
    before = (folder / "bundle.json").read_text()
    steps = iter(range(100))

    def failing(function):
        def call(*args, **kwargs):
            if next(steps) == step:
                raise OSError(28, "No space left on device")
            return function(*args, **kwargs)

        return call

    bundle = Bundle.load(folder)
    packed = task_shelf.pack(other_delta)
    task = bundle.task("birds")
    with monkeypatch.context() as patch:
        for module, name in (
            (bundle_folder, "write_packed"),
            (bundle_folder, "file_digest"),
            (files.os, "replace"),
            (files, "_flush"),
            (staging.tempfile, "mkdtemp"),
        ):
            patch.setattr(module, name, failing(getattr(module, name)))
        try:
            with bundle._shelf.changing() as manifest:
                bundle._shelf.put(manifest, task, *packed)
        except OSError:
            assert (folder / "bundle.json").read_text() == before
        else:
            pytest.fail("There are fewer steps than this test believes.")
    again = Bundle.load(folder)
    assert again.verify() == []
    again.remove("cars")
    assert len(files_of(folder)) == 5


def test_kills_at_many_moments_leave_the_old_or_the_new_state(folder):
    result = subprocess.run(
        [sys.executable, HERE / "killed_writers.py", folder, "25"],
        cwd=HERE.parent.parent,
        env=os.environ | {"PYTHONPATH": str(HERE.parent.parent)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    kills, changes = map(int, result.stdout.split()[-2:])
    assert kills == 25
    assert changes > 5
    bundle = Bundle.load(folder)
    assert bundle.verify() == []
    bundle.remove("cars")
    assert len(files_of(folder)) == 5


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda f: damage(delta_file(f, "cars")), "'cars' is damaged"),
        (lambda f: delta_file(f, "cars").unlink(), "'cars' is gone"),
        (lambda f: damage(next(f.glob("source-*"))), "source is damaged"),
        (lambda f: next(f.glob("source-*")).unlink(), "source is gone"),
    ],
)
def test_damaged_files_are_found_and_never_used(folder, break_it, words):
    break_it(folder)
    bundle = Bundle.load(folder)
    (problem,) = bundle.verify()
    assert words in problem
    with pytest.raises((ValueError, OSError), match=words):
        bundle(images(), ["cars"])


def rewrite(folder, **changes):
    manifest = folder / "bundle.json"
    data = json.loads(manifest.read_text()) | changes
    manifest.write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda f: (f / "bundle.json").write_text("{"), "damaged"),
        (lambda f: (f / "bundle.json").write_text("[]"), "damaged"),
        (lambda f: (f / "bundle.json").write_text("{}"), "damaged"),
        (lambda f: rewrite(f, format=float("inf")), "damaged"),
        (lambda f: rewrite(f, tasks=[{"name": "a"}]), "damaged"),
        (lambda f: rewrite(f, tasks=3), "damaged"),
        (lambda f: rewrite(f, source={}), "damaged"),
        (lambda f: rewrite(f, source={"file": 1}), "damaged"),
        (lambda f: rewrite(f, format=99), "newer version.*format=99"),
        (lambda f: (f / "bundle.json").unlink(), "no bundle in this folder"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused(folder, break_it, words):
    break_it(folder)
    with pytest.raises((ValueError, OSError), match=words):
        Bundle.load(folder)


def test_a_manifest_leads_to_no_file_outside_its_folder(folder):
    tasks = json.loads((folder / "bundle.json").read_text())["tasks"]
    tasks[0]["file"] = "../../secret"
    rewrite(folder, tasks=tasks)
    with pytest.raises(ValueError, match="damaged.*secret"):
        Bundle.load(folder)


def test_other_files_are_left_alone(kept, tmp_path, folder):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match="other files.*thesis.txt"):
        Bundle(kept.source).save(tmp_path)
    with pytest.raises(ValueError, match="this is a file"):
        Bundle(kept.source).save(tmp_path / "thesis.txt")
    with pytest.raises(ValueError, match="a bundle in this folder already"):
        Bundle(kept.source).save(folder)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_folder_of_deltas_is_no_bundle_s_own(kept, tmp_path):
    mine = tmp_path / "deltas" / "birds.keras"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(ValueError, match=r"other files.*deltas/birds\.keras"):
        Bundle(kept.source).save(tmp_path)
    assert mine.read_text() == "mine"


def test_what_lies_beside_the_deltas_stays_there(folder):
    note = folder / "deltas" / "readme.txt"
    note.write_text("mine")
    left = folder / "deltas" / f"{'0' * 32}.delta"
    left.write_text("of a killed change")
    Bundle.load(folder).remove("cars")
    assert note.read_text() == "mine"
    assert not left.exists()


def test_a_bundle_whose_making_was_killed_can_be_made_anew(kept, tmp_path):
    place = tmp_path / "bundle"
    (place / "deltas/.new-1").mkdir(parents=True)
    (place / "deltas/.new-1/new.delta").write_text("half")
    (place / "source-00.keras").write_text("half")
    Bundle(kept.source).save(place)
    assert Bundle.load(place).verify() == []
    assert len(files_of(place)) == 3


def test_a_bundle_outlives_a_change_of_the_current_folder(
    kept, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    saved = Bundle(kept.source)
    saved.save("shop")
    saved.add("cars", kept.delta("cars"))
    loaded = Bundle.load("shop")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert list(logits_of(loaded)) == ["cars"]
    saved.rename("cars", "vans")
    loaded.reload()
    assert list(loaded) == ["vans"]


def test_a_leading_tilde_is_the_user_s_own_folder(kept, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    Bundle(kept.source).save("~/shop")
    assert (tmp_path / "shop" / "bundle.json").is_file()
    assert len(Bundle.load("~/shop")) == 0
