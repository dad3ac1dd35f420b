"""`keras-snow export`."""

import json

import pytest

from tests.backends import only_tensorflow


@pytest.fixture(scope="session")
def shop(run, source, tmp_path_factory):
    from keras_snow.serving import Bundle

    folder = tmp_path_factory.mktemp("bundles") / "shop"
    bundle = Bundle(source)
    bundle.save(folder)
    bundle.add("colours", run)
    return folder


@only_tensorflow
def test_exports_under_the_bundle_s_name(snow, shop, tmp_path):
    result = snow("export", shop, "--format", "saved_model")
    assert result.exit_code == 0, result.output
    assert "shop_saved_model: colours; 32 px; logits differ" in result.output
    facts = json.loads((tmp_path / "shop_saved_model.json").read_text())
    assert facts["outputs"][0]["class_names"] == ["blue", "green", "red"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "onx"], "Did you mean `onnx`"),
        (["--format", "onnx", "--out", "a.xml"], "ends in .onnx"),
        (["--format", "onnx", "--tasks", "colour"], "Did you mean `colours`"),
        (["--format", "onnx", "--tasks", ""], "'' names nothing"),
    ],
)
def test_bad_input_is_one_sentence(fails, shop, arguments, words):
    assert words in fails("export", shop, *arguments)


def test_a_folder_without_a_bundle_is_told(fails, tmp_path):
    words = fails("export", tmp_path, "--format", "onnx")
    assert "There is no bundle" in words
