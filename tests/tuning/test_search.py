"""A search asks, runs, reports, and survives what goes wrong."""

import json

import numpy as np
import pytest

from keras_snow.tuning import Dimension
from keras_snow.tuning import SweepOptions
from keras_snow.tuning import TrialTable
from keras_snow.tuning import TuneOptions
from keras_snow.tuning import choose_space
from keras_snow.tuning import trial_runner
from keras_snow.tuning import tune
from keras_snow.tuning.oracles import make_oracle
from keras_snow.tuning.search import Search
from keras_snow.tuning.trial_runner import EPOCHS
from keras_snow.tuning.trial_runner import Outcome
from keras_snow.tuning.trial_runner import TrialRunner

SPACE = {
    "k": Dimension((0.0625, 0.125, 0.25)),
    "binding": Dimension(("rows", "slots")),
}
WIDE = {"sigma": Dimension(low=1e-3, high=1.0), **SPACE}


class Pretender:
    """Runs nothing: a larger k is better, and `deadly` ones kill."""

    def __init__(self, deadly=(), hopeless=()):
        self.deadly = deadly
        self.hopeless = hopeless
        self.ran = []
        self.batches = []

    def run(self, trials):
        self.batches.append(len(trials))
        for trial in trials:
            values = trial.hyperparameters.values
            if values["k"] in self.deadly:
                raise KeyboardInterrupt
            self.ran.append((values["k"], values["binding"]))
            if values["k"] in self.hopeless:
                yield trial, Outcome("name", problem="It diverged.")
                continue
            top1 = values["k"] + values.get(EPOCHS, 0) / 1000
            yield trial, Outcome("name", {"val_top1": top1, "val_loss": 1}, 1)


def search(
    folder, runner, tuner="grid", at_once=2, max_trials=None, space=None
):
    space = space or SPACE
    oracle = make_oracle(tuner, space, max_trials, 9, 0, folder / "tuner")
    Search(runner, at_once, verbose=False).run(oracle, "tuner0")
    return oracle


def test_a_grid_is_walked_once_through(tmp_path):
    runner = Pretender()
    oracle = search(tmp_path, runner)
    assert len(runner.ran) == len({*runner.ran}) == 6
    assert oracle.get_best_trials(1)[0].score == 0.25


def test_a_grid_over_a_range_tries_both_ends(tmp_path):
    space = {"k": Dimension(low=0.1, high=0.5), "binding": Dimension(("rows",))}
    runner = Pretender()
    search(tmp_path, runner, space=space)
    tried = sorted(k for k, _ in runner.ran)
    assert (tried[0], tried[-1], len(tried)) == (0.1, 0.5, 10)
    np.testing.assert_allclose(np.diff(np.log(tried)), np.log(5) / 9, rtol=0.01)


def test_trials_are_handed_out_together(tmp_path):
    runner = Pretender()
    search(tmp_path, runner, "random", at_once=4, max_trials=6)
    assert [count for count in runner.batches if count] == [4, 2]


def test_hyperband_gives_the_better_ones_more_epochs(tmp_path):
    oracle = search(tmp_path, Pretender(), "hyperband", space=WIDE)
    epochs = [
        trial.hyperparameters.values[EPOCHS] for trial in oracle.trials.values()
    ]
    assert {*epochs} == {1, 3, 9}
    assert oracle.get_best_trials(1)[0].hyperparameters.values[EPOCHS] == 9


def test_a_gaussian_process_proposes(tmp_path):
    pytest.importorskip("sklearn")
    oracle = search(
        tmp_path, Pretender(), "bayesian", 1, max_trials=10, space=WIDE
    )
    assert len(oracle.trials) == 10


@pytest.mark.parametrize("tuner", ["grid", "random"])
def test_after_a_kill_nothing_is_lost_or_repeated(tmp_path, tuner):
    first, second = Pretender(deadly=[0.25]), Pretender()
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path, first, tuner, max_trials=6)
    oracle = search(tmp_path, second, tuner, max_trials=6)
    ran = first.ran + second.ran
    assert len(ran) == len({*ran}) == 6
    assert {str(trial.status) for trial in oracle.trials.values()} == {
        "COMPLETED"
    }


def test_more_trials_go_on_where_the_search_ended(tmp_path):
    runner = Pretender()
    search(tmp_path, runner, "random", max_trials=2)
    search(tmp_path, runner, "random", max_trials=5)
    assert len(runner.ran) == len({*runner.ran}) == 5


def test_failing_trials_do_not_end_a_search(tmp_path):
    runner = Pretender(hopeless=[0.0625, 0.125])
    oracle = search(tmp_path, runner)
    statuses = [str(trial.status) for trial in oracle.trials.values()]
    assert sorted(statuses) == ["COMPLETED"] * 2 + ["FAILED"] * 4


def test_a_damaged_file_is_named(tmp_path):
    search(tmp_path, Pretender())
    path = tmp_path / "tuner" / "oracle.json"
    path.write_text(path.read_text()[:50])
    with pytest.raises(ValueError, match=r"damaged.*oracle\.json"):
        search(tmp_path, Pretender())


def test_what_was_found_is_told(tmp_path):
    oracle = search(tmp_path, Pretender(hopeless=[0.0625]))
    table = TrialTable(tmp_path)
    table.write(oracle, lambda trial: f"k={trial.trial_id}")
    assert json.loads((tmp_path / "trials.json").read_text()) == table.rows
    assert table.best_row["settings"]["k"] == 0.25
    assert table.rows[-1]["problem"] == "It diverged."
    lines = (tmp_path / "trials.md").read_text().splitlines()
    assert len(lines) == 2 + 6
    assert len(list((tmp_path / "logs").glob("*/*"))) == 4


def test_a_search_in_which_all_failed_has_no_best(tmp_path):
    oracle = search(tmp_path, Pretender(hopeless=[0.0625, 0.125, 0.25]))
    table = TrialTable(tmp_path)
    table.write(oracle, lambda trial: trial.trial_id)
    with pytest.raises(ValueError, match="No trial.*It diverged"):
        table.best()


def trials_of(oracle, count):
    return [oracle.create_trial(f"asker{number}") for number in range(count)]


@pytest.fixture
def runner(tmp_path):
    return TrialRunner(None, tmp_path, {"dropout": 0.1}, SweepOptions())


@pytest.fixture
def proposals(tmp_path):
    oracle = make_oracle("grid", SPACE, None, 1, 0, tmp_path / "tuner")
    return trials_of(oracle, 2)


def finish(*_):
    result = {"top1": 0.5, "loss": 1.0}
    return {
        "status": "finished",
        "best_epoch": 1,
        "results": {"validation": result},
    }


def run_out_of_memory(*_):
    raise MemoryError("OOM when allocating a tensor")


def test_a_sweep_that_does_not_fit_is_run_one_by_one(
    runner, proposals, monkeypatch
):
    monkeypatch.setattr(trial_runner, "sweep", run_out_of_memory)
    monkeypatch.setattr(trial_runner, "run_alone", finish)
    outcomes = [outcome for _, outcome in runner.run(proposals)]
    assert [outcome.problem for outcome in outcomes] == [None, None]


def test_a_trial_that_does_not_fit_is_marked_as_failed(
    runner, proposals, monkeypatch
):
    monkeypatch.setattr(trial_runner, "sweep", run_out_of_memory)
    monkeypatch.setattr(trial_runner, "run_alone", run_out_of_memory)
    outcomes = [outcome for _, outcome in runner.run(proposals)]
    assert outcomes[0].problem == "MemoryError: OOM when allocating a tensor"
    assert outcomes[0].name == "binding=rows,dropout=0.1,k=0.0625"


def test_a_trial_whose_process_died_again_and_again_is_given_up(
    runner, proposals, monkeypatch
):
    monkeypatch.setattr(trial_runner, "run_alone", finish)
    setting = runner.setting_of(proposals[0])
    for _ in range(trial_runner.MOST_STARTS):
        runner._count_start(setting)
    ((_, outcome),) = runner.run(proposals[:1])
    assert "ended 4 times" in outcome.problem


@pytest.mark.parametrize(
    ("text", "words"),
    [("0.1..", "LOW..HIGH"), ("0..1", "above 0"), ("1..0.5", "LOW..HIGH")],
)
def test_a_range_that_is_none(text, words):
    with pytest.raises(ValueError, match=words):
        Dimension.read(text)


@pytest.mark.parametrize(
    ("name", "fixed"), [("k", {"k": 0.5}), ("rate", {"learning_rate": 0.1})]
)
def test_what_is_fixed_is_not_searched(tmp_path, name, fixed):
    with pytest.raises(ValueError, match=f"not both.*space='{name}'"):
        tune(None, choose_space([name]), tmp_path, TuneOptions(fixed=fixed))


def test_spaces_are_checked_before_anything_runs():
    with pytest.raises(ValueError, match="binding"):
        choose_space(["bindng"])
    with pytest.raises(ValueError, match="width=2"):
        choose_space([], {"width": Dimension((0.5, 2))})
    with pytest.raises(ValueError, match="same in all trials"):
        choose_space([], {"epochs": Dimension((5, 10))})
    with pytest.raises(ValueError, match="`rate` and `learning_rate` are one"):
        choose_space(["rate"], {"learning_rate": Dimension((0.01, 0.02))})
    with pytest.raises(ValueError, match="Did you mean `bayesian`"):
        TuneOptions("bayes")
    with pytest.raises(ValueError, match="epochs=5"):
        TuneOptions("hyperband", fixed={"epochs": 5})
