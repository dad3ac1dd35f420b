"""The benchmark of serving."""

import json

import keras
import numpy as np
import pytest

from benchmarks import serve
from benchmarks.serve_forms import NUM_CLASSES
from keras_snow.sources.source import Source
from tests import toys
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
        f"--runtimes tensorflow-xla,jax --forms folded,plain --passes 2 "
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


@pytest.mark.once
@pytest.mark.parametrize("form", list(serve.FORMS))
def test_a_form_answers_every_task_of_an_image(form):
    source = Source(toys.residual_network())
    one = serve.FORMS[form](source, 1, toys.SIZE)
    two = serve.FORMS[form](source, 2, toys.SIZE)
    logits = two.predict_on_batch(toys.images(count=2))
    assert {name: x.shape for name, x in logits.items()} == {
        "task0": (2, NUM_CLASSES),
        "task1": (2, NUM_CLASSES),
    }
    # What is alike is computed once, and would seem to cost nothing.
    assert not np.allclose(logits["task0"], logits["task1"], rtol=1e-3)
    alone = serve.source_alone(source, toys.SIZE).count_params()
    shares = form in ("folded", "plain", "fo", "fe", "pn")
    added = two.count_params() - one.count_params()
    # FE leaves out the source's last stage, which has most of its weights.
    assert (one.count_params() - added > 0.1 * alone) == shares


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
        (["--forms", "folde"], "Did you mean `folded`"),
        (["--tasks", "one"], "'one'"),
        (["--batch-sizes", "0"], "batch_size=0"),
    ],
)
def test_bad_input_ends_with_code_2(tiny_source, capsys, options, words):
    with pytest.raises(SystemExit) as ended:
        serve.main(["--source", str(tiny_source), *options])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
