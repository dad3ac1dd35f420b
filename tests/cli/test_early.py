"""What can be known without Keras is refused without it."""

import json
import subprocess
import sys

import pytest

from tests.cli.conftest import draw

# One process for all of them: none may load Keras.
SNIPPET = """
import json, sys
from click.testing import CliRunner
from keras_snow.cli.main import main
for arguments in json.loads(sys.argv[1]):
    result = CliRunner().invoke(main, arguments)
    print(json.dumps([result.exit_code, result.stderr.splitlines()[-1]]))
    if loaded := {"keras", "tensorflow", "matplotlib"} & {*sys.modules}:
        print(loaded)
        break
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("early")
    draw(place / "colours", count=10)
    draw(place / "others", classes=["red", "green", "teal"], count=10)
    (place / "small.keras").touch()
    model = place / "run" / "model"
    model.mkdir(parents=True)
    held_out = {"validation": 0.1, "test": 0.2, "seed": 0}
    settings = {
        "kind": "delta",
        "class_names": ["blue", "green", "red"],
        "image_size": 32,
        "held_out": held_out,
    }
    (model / "settings.json").write_text(json.dumps(settings))
    identity = {"method": "snow", "seed": 0, "image_size": 224, "notes": {}}
    (place / "run" / "run.json").write_text(json.dumps(identity))
    (place / "search").mkdir()
    (place / "search" / "search.json").write_text("{}")
    return place


REFUSALS = [
    ("train colors --source small.keras", "There is no such folder"),
    ("train colours --source smal.keras", "Did you mean `small.keras`"),
    ("train colours --source colours", "This is a folder"),
    ("train colours --source small.keras --weights none", "own weights"),
    ("train colours --source small.keras --out run --seed 7", "another run"),
    ("train colours --source small.keras --out colours", "other files"),
    ("train colours --source small.keras --out search", "holds a search"),
    ("train colours --method finetune", "Did you mean `ft`"),
    ("train colours --set dropuot=0.1", "Did you mean `dropout`"),
    ("train colours --set label_smoting=0.1", "Did you mean `label_smooth"),
    ("train colours --k 0", "k=0"),
    ("train colours --epochs 0", "epochs=0"),
    ("train colours --image-size 0", "image_size=0"),
    ("train colours --lr 3", "Did you mean `--learning-rate`"),
    ("train colours --dropout 0.1", "Did you mean `--set dropout=VALUE`"),
    ("evaluate run others", "other classes"),
    ("evaluate run colours --split tset", "no such split"),
    ("evaluate rnu colours", "Did you mean `run`"),
    ("evaluate search colours", "It is a search of settings"),
    ("predict run colours/red/0.png", "Did you mean `colours/red/"),
    ("predict run small.keras", "small.keras"),
    ("bundle list run", "This is a run"),
    ("serve shop", "no such folder"),
    ("export small.keras --format onnx", "no bundle in this folder"),
    ("plot curves rnu --out a.png", "Did you mean `run`"),
    ("compare colours --methods snow,finetune", "Did you mean `ft`"),
    ("compare colours --out search", "holds a search"),
    ("compare colors", "Did you mean"),
    ("crossvalidate colours --method foo", "Did you mean `fo`"),
    ("crossvalidate colours --out run", "another run"),
    ("tune colors --source small.keras", "There is no such folder"),
    ("tune colours --out run", "holds a run"),
    ("lifelong colours others --method ft_share", "Did you mean `ft_shared`"),
    ("lifelong colours others --out run", "another run"),
    ("sensitivity colours --recipe papper", "Did you mean `paper`"),
    ("probe colours --source resnet5", "Did you mean `resnet50`"),
    ("taps smal.keras", "Did you mean `small.keras`"),
]


@pytest.fixture(scope="module")
def answers(place):
    asked = [arguments.split() for arguments, _ in REFUSALS]
    result = subprocess.run(
        [sys.executable, "-c", SNIPPET, json.dumps(asked)],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert len(result.stdout.splitlines()) == len(REFUSALS), result
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.once
@pytest.mark.parametrize("number", range(len(REFUSALS)))
def test_it_is_one_sentence_and_exit_code_2(answers, number):
    code, sentence = answers[number]
    assert code == 2
    assert sentence.startswith("Error: ")
    assert REFUSALS[number][1] in sentence
