"""The benchmark of serving."""

import json

import keras
import pytest

from keras_snow.benchmarks import serve
from tests.backends import only_tensorflow


@pytest.fixture
def tiny_source(tmp_path):
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 3, 2, "same", name="early")(image)
    x = keras.layers.Conv2D(16, 3, 2, "same", name="late")(x)
    path = tmp_path / "tiny.keras"
    keras.Model(image, x).save(path)
    return path


@pytest.mark.slow
@only_tensorflow
def test_measures_the_source_alone_and_with_deltas(
    tiny_source, tmp_path, capsys
):
    out = tmp_path / "serve.json"
    serve.main(
        f"--source {tiny_source} --tasks 0,2 --batch-sizes 2 --image-size 16 "
        f"--runtimes tensorflow,jax --forms folded,plain --passes 2 "
        f"--json {out}".split()
    )
    rows = json.loads(out.read_text())["rows"]
    assert [(row["form"], row["tasks"]) for row in rows] == [
        ("folded", 0),
        ("folded", 2),
        ("plain", 0),
        ("plain", 2),
    ]
    assert rows[0]["of_source_alone"] == 1.0
    assert rows[1]["added_task"] is not None
    assert 0 < rows[1]["task_megabytes"] < rows[3]["task_megabytes"]
    printed = capsys.readouterr().out
    assert "jax: skipped, set KERAS_BACKEND=jax" in printed
    assert "of the source alone" in printed


@only_tensorflow
@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_measures_other_runtimes_that_are_installed(
    tiny_source, capsys, runtime
):
    pytest.importorskip(runtime)
    serve.main(
        f"--source {tiny_source} --tasks 0,1 --batch-sizes 1 --image-size 16 "
        f"--runtimes {runtime} --passes 2".split()
    )
    assert f"{runtime}  folded  batch 1   1 tasks" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--runtimes", "tensorflw"], "Did you mean `tensorflow`"),
        (["--source", "resnet5"], "Did you mean `resnet50`"),
        (["--forms", "flat"], "folded"),
        (["--tasks", "one"], "'one'"),
        (["--batch-sizes", "0"], "batch_size=0"),
    ],
)
def test_bad_input_ends_with_code_2(tiny_source, capsys, options, words):
    with pytest.raises(SystemExit) as ended:
        serve.main(["--source", str(tiny_source), *options])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
