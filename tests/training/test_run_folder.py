"""A run's folder refuses what would go on as another run."""

import json

import pytest

from keras_snow.training.run_folder import RunFolder

RUN = {"method": "snow", "xla": False}


def begin(path, identity=RUN):
    folder = RunFolder(path)
    with folder.claimed(identity):
        pass
    return folder


@pytest.mark.parametrize(
    ("begun", "words"), [(True, r"with XLA.*`--xla`"), (False, "`--no-xla`")]
)
def test_a_run_goes_on_with_xla_as_it_began(tmp_path, begun, words):
    begin(tmp_path, RUN | {"xla": begun})
    with pytest.raises(ValueError, match=words):
        begin(tmp_path, RUN | {"xla": not begun})
    begin(tmp_path, RUN | {"xla": begun})


def test_a_run_that_never_said_whether_it_had_xla_goes_on(tmp_path):
    begin(tmp_path, {"method": "snow"})
    begin(tmp_path, RUN)
    with pytest.raises(ValueError, match=r"differ in: method \('snow'"):
        begin(tmp_path, RUN | {"method": "fo"})


def test_a_finished_run_is_found_where_xla_is_chosen_otherwise(tmp_path):
    folder = begin(tmp_path)
    folder.record.write_text(json.dumps({"status": "finished"}))
    begin(tmp_path, RUN | {"xla": True})
