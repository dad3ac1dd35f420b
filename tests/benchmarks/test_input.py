import json

import numpy as np
import pytest
from PIL import Image

from benchmarks.input import main
from benchmarks.input import table


@pytest.fixture
def folder(tmp_path):
    random = np.random.default_rng(0)
    for name in ("a", "b"):
        (tmp_path / "images" / name).mkdir(parents=True)
        for index in range(10):
            pixels = random.integers(0, 256, (40, 40, 3), "uint8")
            path = tmp_path / "images" / name / f"{index}.png"
            Image.fromarray(pixels).save(path)
    return tmp_path / "images"


def test_measures_each_way_to_cache(folder, tmp_path):
    arguments = [str(folder), "--image-size", "32", "--batch-size", "4"]
    arguments += ["--source", "none", "--json", str(tmp_path / "rates.json")]
    assert main(arguments) == 0
    result = json.loads((tmp_path / "rates.json").read_text())
    rates = result["input_images_per_second"]
    assert list(rates) == ["none", "memory", "folder"]
    assert min(rates.values()) > 0


def test_bad_input_is_one_sentence(tmp_path, capsys):
    assert main([str(tmp_path / "nothing")]) == 2
    assert capsys.readouterr().err.startswith("Error: There is no such folder")


def test_the_table_says_how_many_times_faster_than_training():
    result = {
        "task": "birds",
        "images": 8,
        "image_size": 32,
        "batch_size": 4,
        "cores": 2,
        "input_images_per_second": {"none": 30.0},
        "step_images_per_second": 10.0,
    }
    assert table(result).splitlines()[2].split() == ["none", "30.0", "3.0"]
