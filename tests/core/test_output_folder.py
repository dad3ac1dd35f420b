"""A folder that can't be written to is known before any work is done."""

import json

import pytest

from keras_snow.core.output_folder import check_output


@pytest.fixture
def kept(tmp_path):
    plan = {"seed": 0, "recipe": {"epochs": 2, "schedule": "step"}}
    (tmp_path / "run.json").write_text(json.dumps(plan))
    return tmp_path


def test_a_new_or_empty_folder_is_free(tmp_path):
    check_output(tmp_path, "run.json", "run", {"seed": 1})
    check_output(tmp_path / "new", "run.json", "run", {"seed": 1})
    (tmp_path / ".lock").touch()
    check_output(tmp_path, "run.json", "run")


def test_the_same_work_goes_on_as_far_as_it_is_known(kept):
    check_output(kept, "run.json", "run", {"recipe.epochs": 2})


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"seed": 7}, r"seed \(0 there, 7 now\)"),
        ({"recipe.epochs": 3}, r"recipe.epochs \(2 there, 3 now\)"),
        ({"method": "fo"}, "method"),
    ],
)
def test_other_work_is_refused(kept, asked, words):
    with pytest.raises(ValueError, match=f"holds another run.*{words}"):
        check_output(kept, "run.json", "run", asked)


def test_what_a_folder_holds_is_named(kept, tmp_path):
    with pytest.raises(ValueError, match="holds a run .*and no comparison"):
        check_output(kept, "comparison.json", "comparison")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    with pytest.raises(ValueError, match="holds other files.*with a.jpg"):
        check_output(tmp_path / "photos", "run.json", "run")


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is a file"):
        check_output(tmp_path / "file", "run.json", "run")
