"""The study of cartoons: its sets, and its table."""

import dataclasses

import keras
import numpy as np
import pytest
from PIL import Image

from benchmarks import pacs_study
from benchmarks.pacs_document import RESULTS
from keras_snow.reports import CrossValidationOptions
from keras_snow.training import TrainingOptions

QUIET = TrainingOptions(verbose=False, tensorboard=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("cartoons")
    draw = np.random.default_rng(0)
    for part, count in (("train", 14), ("test", 6)):
        for name in ("dog", "horse"):
            place = root / part / name
            place.mkdir(parents=True)
            for index in range(count):
                pixels = draw.integers(0, 256, (16, 16, 3), "uint8")
                Image.fromarray(pixels).save(place / f"{index}.png")
    return root


def save_source(path):
    image = keras.Input((None, None, 3), name="image")
    maps = keras.layers.Conv2D(8, 3, 4, name="maps")(image)
    keras.Model(image, maps, name="small").save(path)
    return str(path)


def names(task, *splits):
    return {
        task.split(split).name(index)
        for split in splits
        for index in range(len(task.split(split)))
    }


def test_the_sets_are_each_others_opposite(folder):
    tasks = pacs_study.read_sets(folder, 0.2, size=10)
    full, few = tasks["full"], tasks["few_shot"]
    assert len(full.split("test")) == 10
    assert names(full, "test") == names(few, "train", "validation")
    assert names(few, "test") == names(full, "train", "validation")
    assert len(names(full, "train", "validation", "test")) == 40
    assert few.labels("validation").tolist() == [0, 1]


def test_rows_stand_beside_the_published_ones(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(pacs_study, "read_sets", _small(pacs_study.read_sets))
    source = save_source(tmp_path / "source.keras")
    study = pacs_study.Study(
        sets=["few_shot"],
        methods=["fo"],
        augmentations=["none"],
        rates=[0.01],
        options=CrossValidationOptions(
            image_size=16, epochs=1, batch_size=8, training=QUIET
        ),
    )
    out = tmp_path / "out"
    rows = pacs_study.run(folder, source, out, study)
    (row,) = rows
    assert row["published"] == RESULTS["few_shot", "fo", "none"]
    table = (out / "pacs_study.md").read_text()
    assert "| 0.003 | 8 | 80.85 | 68.80 |" in table
    assert f"{100 * row['test']:.2f}" in table
    monkeypatch.setattr("keras_snow.training.verdict.train", pytest.fail)
    assert pacs_study.run(folder, source, out, study) == rows


def _small(read_sets):
    return lambda folder, validation: read_sets(folder, validation, size=20)


def test_a_row_without_a_result_says_so():
    row = {
        "set": "full",
        "method": "ft",
        "augmentation": "none",
        "status": "diverged",
        "test": None,
        "published": RESULTS["full", "ft", "none"],
    }
    unknown = {**row, "method": "bn", "published": None}
    lines = pacs_study.format_rows([row, unknown]).splitlines()
    assert lines[-1] == f"| full | bn | none | diverged |{' – |' * 7}"
    line = lines[-2]
    assert line.startswith("| full | whole network | none | diverged | – |")
    assert line.endswith("| 0.001 | 35 | 97.15 | 92.80 |")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sets": ["few_shots"]}, "Did you mean `few_shot`"),
        ({"methods": ["scratc"]}, "Did you mean `scratch`"),
        ({"augmentations": ["crops"]}, "Did you mean `crop`"),
        ({"rates": []}, "learning rates"),
    ],
)
def test_bad_settings_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(pacs_study.Study(), **change)


def test_a_bad_command_is_one_sentence(capsys):
    with pytest.raises(SystemExit) as ended:
        pacs_study.main(["missing", "--rates", "fast"])
    assert ended.value.code == 2
    assert "fast" in capsys.readouterr().err
