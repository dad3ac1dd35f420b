"""A comparison trains what is missing, and survives what fails."""

import dataclasses
import json
import pathlib
import shutil

import pytest

from keras_snow.core.files import write_json
from keras_snow.data.open_image import MAX_PIXELS
from keras_snow.reports import compare
from keras_snow.reports import comparison
from keras_snow.reports.comparison_folder import ComparisonFolder
from tests.reports.conftest import TINY
from tests.reports.conftest import finished
from tests.reports.fakes import save_task

TUNED = dataclasses.replace(TINY, tune_rate=True)


@pytest.fixture
def pretended(monkeypatch):
    """Pretends to train; a test may replace how a training ends."""
    seen = {"jobs": [], "end": lambda job: finished(job)}

    def pretend(job, log):
        seen["jobs"].append(job)
        if job["kind"] == "check":
            return {"status": "finished", "problem": None, "problems": {}}
        end = seen["end"](job)
        if "status" in end and end["status"] != "finished":
            return end
        write_json(pathlib.Path(job["out"]) / "record.json", end)
        memory = {"bytes": 1000, "measure": "process"}
        return {"status": "finished", "problem": None, "memory": memory}

    monkeypatch.setattr(comparison, "run_in_child", pretend)
    return seen


def trainings(jobs):
    return [
        (job["label"], job["seed"]) for job in jobs if job["kind"] == "train"
    ]


def run(task, source, out, methods=("fo", "probe_last"), **changes):
    options = changes.pop("options", TINY)
    seeds = changes.pop("seeds", [0, 1])
    return compare(
        [task], source, methods, seeds=seeds, out=out, options=options
    )


def test_methods_are_trained_once_and_put_into_one_table(
    launched, task, source, tmp_path
):
    options = dataclasses.replace(TINY, tune_rate=True, tune_epochs=1)
    arguments = {"methods": ["fo", "bn"], "seeds": [0], "options": options}
    result = run(task, source, tmp_path / "out", **arguments)
    assert launched[0]["kind"] == "check"
    works, fails = result["rows"]
    assert fails["status"] == "failed"
    assert "no batch normalisation" in fails["problem"]
    assert {label for label, _ in trainings(launched)} == {"fo"}
    # A final layer of 3 classes on 8 maps; the convolutions are the source's.
    assert works["parameters"]["own"] == 27
    assert works["parameters"]["shared"] == 112 + 296
    assert works["peak_memory_bytes"] > 10_000_000
    assert 0.0 <= works["top1"]["mean"] <= 1.0

    out = tmp_path / "out"
    records = [
        json.loads(path.read_text())["results"]
        for path in out.glob("rates/*/*/*/record.json")
    ]
    assert len(records) >= 3
    assert all(set(results) == {"validation"} for results in records)
    (run_folder,) = out.glob("runs/colours/fo/seed0")
    assert (run_folder / "model").is_dir()
    assert not (run_folder / "checkpoints").exists()

    before = len(launched)
    again = run(task, source, out, **arguments)
    assert again["rows"][0] == works
    # The one that can't be trained is looked at again, and nothing else.
    assert [job["kind"] for job in launched[before:]] == ["check"]


def test_a_subscription_is_a_line_of_its_own(pretended, task, source, tmp_path):
    result = compare(
        [task],
        source,
        ["ft", "fo", "snow"],
        ["channel_pooling", "all"],
        seeds=[3],
        out=tmp_path / "out",
        options=dataclasses.replace(TINY, cache_taps=2),
    )
    labels = [row["method"] for row in result["rows"]]
    assert labels == ["ft", "fo", "snow", "snow:all"]
    jobs = [job for job in pretended["jobs"] if job["kind"] == "train"]
    assert [job["settings"] for job in jobs] == [
        {},
        {},
        {"seed": 3, "subscription": "channel_pooling"},
        {"seed": 3, "subscription": "all"},
    ]
    # Only what reads taps alone can be trained on kept maps.
    assert [job["training"]["cache_taps"] for job in jobs] == [0, 2, 2, 2]


def test_settings_of_deltas_are_snows_alone(pretended, task, source, tmp_path):
    out = tmp_path / "out"
    plain = {"methods": ["fo", "snow"], "seeds": [2]}
    chosen = dataclasses.replace(TINY, delta_settings={"head_k": None})
    run(task, source, out, **plain, options=chosen)
    check, *jobs = pretended["jobs"]
    assert [entry["settings"] for entry in check["methods"].values()] == [
        {},
        {"seed": 0, "subscription": "channel_pooling", "head_k": None},
    ]
    assert jobs[-1]["settings"] == {
        "seed": 2,
        "subscription": "channel_pooling",
        "head_k": None,
    }
    with pytest.raises(ValueError, match="delta_settings"):
        run(task, source, out, **plain)
    run(task, source, tmp_path / "plain", **plain)
    kept = json.loads((tmp_path / "plain" / "comparison.json").read_text())
    assert "delta_settings" not in kept["settings"]


def test_the_pixel_limit_reaches_the_runs_and_is_no_setting(
    pretended, task, source, tmp_path
):
    wide = dataclasses.replace(TINY, max_pixels=2 * MAX_PIXELS)
    out = tmp_path / "out"
    run(task, source, out, ["fo"], seeds=[0], options=wide)
    _, job = pretended["jobs"]
    assert job["data"]["max_pixels"] == 2 * MAX_PIXELS
    kept = json.loads((out / "comparison.json").read_text())
    assert "max_pixels" not in kept["settings"]
    # A folder from before there was such an option, or with another limit.
    run(task, source, out, ["fo"], seeds=[0, 1])


def test_a_diverging_run_is_reported_and_never_a_result(
    launched, task, source, tmp_path, monkeypatch
):
    from keras_snow.baselines import METHODS

    hot = dataclasses.replace(METHODS.get("fo"), small_rate=1e30)
    monkeypatch.setitem(METHODS._entries, "fo", hot)
    result = run(task, source, tmp_path / "out", ["fo"], seeds=[0])
    (row,) = result["rows"]
    assert row["status"] == "diverged"
    assert "The run diverged" in row["problem"]
    assert "top1" not in row
    assert "NaN" not in (tmp_path / "out" / "compare.json").read_text()


def test_a_grid_that_diverges_everywhere_is_said(
    pretended, task, source, tmp_path
):
    pretended["end"] = lambda job: (
        {"status": "diverged", "problem": "It diverged."}
        if job["label"] == "fo"
        else finished(job)
    )
    result = run(task, source, tmp_path / "out", options=TUNED)
    first, second = result["rows"]
    assert first["status"] == "diverged"
    assert (
        "diverged at every learning rate of 0.0047, 0.015" in first["problem"]
    )
    assert second["status"] == "finished"
    count = len(pretended["jobs"])
    run(task, source, tmp_path / "out", options=TUNED)
    assert len(pretended["jobs"]) == count


def test_the_test_split_is_scored_with_the_chosen_rate_alone(
    pretended, task, source, tmp_path
):
    best = 0.047
    pretended["end"] = lambda job: finished(
        job, 0.9 if job["recipe"]["learning_rate"] == best else 0.5
    )
    result = run(task, source, tmp_path / "out", ["fo"], options=TUNED)
    jobs = [job for job in pretended["jobs"] if job["kind"] == "train"]
    tested = [job["recipe"]["learning_rate"] for job in jobs if job["test"]]
    assert tested == [best, best]
    assert result["rows"][0]["learning_rate"] == best
    trials = [job for job in jobs if not job["test"]]
    assert {job["seed"] for job in trials} == {0}
    assert {job["recipe"]["epochs"] for job in trials} == {1}


def test_an_interruption_keeps_what_is_finished(
    pretended, task, source, tmp_path
):
    def stop(job):
        if (job["label"], job["seed"]) == ("fo", 1):
            raise KeyboardInterrupt
        return finished(job)

    pretended["end"] = stop
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run(task, source, out)
    assert "1 of 2 seeds" in (out / "compare.md").read_text()
    pretended["end"] = finished
    before = len(pretended["jobs"])
    run(task, source, out)
    assert trainings(pretended["jobs"][before:]) == [
        ("fo", 1),
        ("probe_last", 0),
        ("probe_last", 1),
    ]


def test_a_failed_run_stops_no_other_and_is_tried_again(
    pretended, task, source, tmp_path
):
    pretended["end"] = lambda job: (
        {"status": "failed", "problem": "No memory was left."}
        if (job["label"], job["seed"]) == ("fo", 0)
        else finished(job)
    )
    result = run(task, source, tmp_path / "out")
    assert [row["status"] for row in result["rows"]] == ["partial", "finished"]
    assert result["rows"][0]["problem"] == "No memory was left."
    pretended["end"] = finished
    before = len(pretended["jobs"])
    result = run(task, source, tmp_path / "out")
    assert trainings(pretended["jobs"][before:]) == [("fo", 0)]
    assert result["rows"][0]["status"] == "finished"


def test_further_methods_and_seeds_join(pretended, task, source, tmp_path):
    run(task, source, tmp_path / "out", ["fo"], seeds=[0])
    before = len(pretended["jobs"])
    result = run(task, source, tmp_path / "out", ["probe_all"], seeds=[0])
    assert trainings(pretended["jobs"][before:]) == [("probe_all", 0)]
    assert [row["method"] for row in result["rows"]] == ["fo", "probe_all"]


def test_other_settings_need_another_folder(pretended, task, source, tmp_path):
    run(task, source, tmp_path / "out", ["fo"], seeds=[0])
    longer = dataclasses.replace(TINY, epochs=5)
    with pytest.raises(ValueError, match=r"epochs \(2 there, 5 now\)"):
        run(task, source, tmp_path / "out", ["fo"], options=longer)


def test_a_recipe_that_changed_with_the_package_needs_another_folder(
    pretended, task, source, tmp_path, monkeypatch
):
    run(task, source, tmp_path / "out", ["fo"], seeds=[0])
    before = type(TINY).recipe_of
    monkeypatch.setattr(
        type(TINY),
        "recipe_of",
        lambda self, count: before(self, count).replace(momentum=0.5),
    )
    with pytest.raises(ValueError, match="recipe.momentum"):
        run(task, source, tmp_path / "out", ["fo"])


def test_other_images_need_another_folder(pretended, source, tmp_path):
    task = save_task(tmp_path / "colours.npz")
    run(task, source, tmp_path / "out", ["fo"], seeds=[0])
    save_task(tmp_path / "colours.npz", count=48)
    with pytest.raises(ValueError, match="other settings"):
        run(task, source, tmp_path / "out", ["fo"], seeds=[0])


def test_a_folder_with_other_files_is_left_alone(
    pretended, task, source, tmp_path
):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="notes.txt"):
        run(task, source, tmp_path)
    assert not pretended["jobs"]


@pytest.mark.parametrize("seeds", [[], [0, 0], [-1]])
def test_bad_seeds_are_refused(pretended, task, source, tmp_path, seeds):
    with pytest.raises(ValueError, match="seed"):
        run(task, source, tmp_path / "out", seeds=seeds)


def test_two_tasks_of_one_name_are_refused(pretended, task, source, tmp_path):
    with pytest.raises(ValueError, match="name of its own"):
        compare([task, task], source, out=tmp_path / "out", options=TINY)


def test_a_second_comparison_in_a_folder_is_refused(pretended, tmp_path):
    with (
        ComparisonFolder(tmp_path).claimed(),
        pytest.raises(ValueError, match="Another process is comparing"),
    ):
        run("no-such-task", "no-such-source", tmp_path)
    assert not pretended["jobs"]


def test_several_sources_are_each_read_by_every_method(
    pretended, task, source, tmp_path
):
    other = shutil.copy(source, tmp_path / "other.keras")
    several = [source, str(other)]
    run(task, several, tmp_path / "out", ["ft", "fo"], seeds=[0])
    jobs = pretended["jobs"]
    assert [job["kind"] for job in jobs[:2]] == ["check", "check"]
    found = {job["label"]: job["source"]["spec"] for job in jobs[2:]}
    assert found == {
        f"{method}@{pathlib.Path(spec).stem}": spec
        for spec in several
        for method in ("ft", "fo")
    }
    # What was trained on this source is kept, as long as it is this source.
    run(task, several, tmp_path / "out", ["ft", "fo"], seeds=[0])
    assert len(pretended["jobs"]) == len(jobs)
    other.write_bytes(b"another network")
    with pytest.raises(ValueError, match="differ in: ft@other.source_digest"):
        run(task, several, tmp_path / "out", ["ft", "fo"], seeds=[0])


def test_none_is_the_network_of_the_others_with_random_weights(
    pretended, task, tmp_path
):
    several = ["none", "resnet50"]
    run(task, several, tmp_path / "out", ["ft", "fo"], seeds=[0])
    trained = {x["label"]: x for x in pretended["jobs"] if x["kind"] == "train"}
    assert set(trained) == {
        "scratch@none",
        "ft@resnet50",
        "fo@none",
        "fo@resnet50",
    }
    assert {x["source"]["spec"] for x in trained.values()} == {"resnet50"}
    assert [
        trained[label]["source"]["weights"]
        for label in ("scratch@none", "fo@none", "fo@resnet50")
    ] == [None, None, "imagenet"]


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        (["none"], "Name a source beside"),
        (["resnet50", "resnet50"], "sources of different names"),
        (["resnet50", "resnet5"], "Did you mean `resnet50`"),
    ],
)
def test_sources_that_can_t_be_compared_are_refused(
    pretended, task, tmp_path, sources, words
):
    with pytest.raises(ValueError, match=words):
        run(task, sources, tmp_path / "out")
    assert not pretended["jobs"]
