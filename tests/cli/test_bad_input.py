"""Bad input is one sentence and exit code 2; the fixture `fails` sees to it."""

import errno
import json
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from keras_snow.cli.predict import predict
from keras_snow.data.open_image import MAX_PIXELS
from tests.cli.conftest import TINY
from tests.cli.conftest import draw


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--k", "0"], "k=0"),
        (["--k", "99"], "channels=8"),
        (["--k", "1.5"], "k=1.5"),
        (["--k", "many"], "not a number"),
        (["--sigma", "-1"], "sigma=-1"),
        (["--sigma", "nan"], "sigma=nan"),
        (["--width", "0"], "width=0"),
        (["--binding", "row"], "Did you mean `rows`"),
        (["--taps", "conv9"], "Did you mean `conv"),
        (["--method", "snwo"], "Did you mean `snow`"),
        (["--recipe", "papier"], "Did you mean `paper`"),
        (["--epochs", "0"], "epochs=0"),
        (["--batch-size", "0"], "batch_size=0"),
        (["--batch-size", "4000"], "fewer training images than one batch"),
        (["--learning-rate", "0"], "learning_rate=0"),
        (["--augmentation", "cropp"], "Did you mean `crop`"),
        (["--image-size", "0"], "image_size=0"),
        (["--image-size", "2"], "too small"),
        (["--image-size", "3000000"], "must be at most 4,096"),
        (["--epochs", "9999999999"], "must be at most 1,000,000"),
        (["--set", "epochs=9999999999"], "must be at most 1,000,000"),
        (["--batch-size", "60000", "--image-size", "4000"], "does not fit"),
        (["--seed", "-1"], "seed=-1"),
        (["--strategy", "miror"], "Did you mean `mirrored`"),
        (["--precision", "float8"], "precision='float8'"),
        (["--set", "speed"], "name=value"),
        (["--set", "sped=3"], "Did you mean `speed`"),
        (["--set", "normalise_taps=abc"], "normalise_taps='abc'"),
        (["--set", "seed=1.5"], "seed=1.5"),
        (["--method", "fo", "--k", "8"], "'fo' has no such setting"),
        (["--settle-after", "1"], "cache_taps=0"),
        (["--settle-after", "2", "--cache-taps", "1"], "epochs=2"),
    ],
)
def test_bad_options_of_train(fails, images, source, options, words):
    # The later of two options of one name counts.
    assert words in fails("train", images, "--source", source, *TINY, *options)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("resnet5", "Did you mean `resnet50`"),
        ("missing.keras", "missing.keras"),
    ],
)
def test_unknown_source(fails, images, name, words):
    assert words in fails("train", images, "--source", name, *TINY)
    assert words in fails("taps", name)


def test_unknown_task_names_the_nearest(fails):
    assert "Did you mean `cars196`" in fails("train", "cars169")


def test_unknown_verb_names_the_nearest(snow):
    result = snow("trian")
    assert result.exit_code == 2
    assert "Did you mean `train`" in result.stderr


def test_missing_argument_shows_the_usage(snow):
    result = snow("train")
    assert result.exit_code == 2
    assert "Missing argument 'TASK'" in result.stderr


def save_npz(path, images=None, labels=None):
    shape = (20, 16, 16, 3)
    random = np.random.default_rng(0)
    good = random.integers(0, 256, shape).astype("float32")
    np.savez(
        path,
        images=good if images is None else images(good),
        labels=np.arange(20) % 2 if labels is None else labels,
    )


@pytest.mark.parametrize(
    "labels",
    [
        [0, 1] * 9 + [0, -1],
        [0.5, 1] * 10,
        [np.nan, 1] * 10,
        np.eye(2)[[0, 1] * 10],
        [0] * 20,
    ],
    ids=["out of range", "fractional", "NaN", "one-hot", "one class only"],
)
def test_bad_labels(fails, tmp_path, source, labels):
    save_npz(tmp_path / "bad.npz", labels=np.asarray(labels))
    message = fails("train", "bad.npz", "--source", source, *TINY)
    assert "Received" in message


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (lambda good: good / 255, "0-1"),
        (lambda good: np.where(good > 250, np.nan, good), "not finite"),
    ],
    ids=["scaled", "NaN"],
)
def test_bad_pixels(fails, tmp_path, source, images, words):
    save_npz(tmp_path / "bad.npz", images=images)
    assert words in fails("train", "bad.npz", "--source", source, *TINY)


def test_folder_without_images(fails, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "'empty'" in fails("train", "empty")


def test_one_class_only(fails, tmp_path):
    draw(tmp_path / "one", classes=["red"])
    assert "class" in fails("train", "one")


def test_an_empty_class_is_named(fails, tmp_path):
    (draw(tmp_path / "task") / "empty").mkdir()
    assert "'empty'" in fails("train", "task")


def spoil(path, how):
    data = path.read_bytes()
    path.write_bytes({"zero": b"", "cut": data[:200], "text": b"hello"}[how])


@pytest.mark.parametrize("how", ["zero", "cut", "text"])
def test_a_bad_image_is_named(fails, tmp_path, how):
    spoil(draw(tmp_path / "task") / "red" / "03.png", how)
    assert "03.png" in fails("train", "task")


def test_skip_bad_goes_on_and_lists_the_file(snow, tmp_path, source):
    spoil(draw(tmp_path / "task") / "red" / "03.png", "cut")
    options = ["--source", source, "--out", "run", "--skip-bad"]
    result = snow("train", "task", *options, *TINY)
    assert result.exit_code == 0, result.output
    assert "03.png" in result.stderr
    assert "1 file was left out" in result.stderr


def test_an_enormous_image_is_refused_before_it_is_decoded(fails, tmp_path):
    folder = draw(tmp_path / "task")
    Image.new("1", (20_000, 20_000)).save(folder / "red" / "huge.png")
    message = fails("train", "task")
    assert "huge.png" in message
    assert "pixels" in message


# The images of `draw` have 40 x 48 = 1,920 pixels.
@pytest.mark.parametrize(
    "verb",
    [
        "train",
        "compare",
        "crossvalidate",
        "lifelong",
        "probe",
        "sensitivity",
        "tune",
    ],
)
def test_every_verb_takes_the_pixel_limit(fails, images, source, verb):
    options = ["--source", source, "--max-pixels", "1919"]
    assert "limit of 1,919" in fails(verb, images, *options)


def test_what_reads_a_run_takes_the_pixel_limit(fails, snow, run, images):
    words = "limit of 1,919"
    limit = ["--max-pixels", "1919"]
    assert words in fails("evaluate", run, images, *limit)
    out = ["--out", "figure.png"]
    assert words in fails("plot", "confusion", run, images, *limit, *out)
    photo = images / "red" / "00.png"
    assert words in fails("predict", run, photo, *limit)
    result = snow("predict", run, photo, "--max-pixels", "1920")
    assert result.exit_code == 0, result.output


def test_the_pixel_limit_is_the_decoders_own():
    defaults = {each.name: each.default for each in predict.params}
    assert defaults["max_pixels"] == MAX_PIXELS


def test_an_output_folder_with_another_run_is_refused(
    fails, run, images, source
):
    before = (run / "record.json").read_bytes()
    options = ["--source", source, "--out", run, *TINY, "--seed", "7"]
    assert "another run" in fails("train", images, *options)
    assert (run / "record.json").read_bytes() == before


def test_weights_that_cannot_be_downloaded(fails, images, monkeypatch):
    import keras

    def refuse(*_, **__):
        raise Exception("URL fetch failure on https://example.org: None")

    monkeypatch.setattr(keras.applications, "MobileNetV2", refuse)
    message = fails("train", images, "--source", "mobilenetv2", *TINY)
    assert "could not be downloaded" in message
    assert "weights=" in message


def test_a_damaged_source_is_named(fails, images, source, tmp_path):
    with open(source, "rb") as file:
        (tmp_path / "cut.keras").write_bytes(file.read()[:2000])
    message = fails("train", images, "--source", "cut.keras", *TINY)
    assert "cut.keras" in message


def test_a_source_that_carries_code_is_refused(fails, images, tmp_path):
    import keras

    image = keras.Input((None, None, 3))
    x = keras.layers.Lambda(lambda maps: maps + 1)(image)
    x = keras.layers.Conv2D(8, 3, 2)(x)
    keras.Model(image, x).save(tmp_path / "lambda.keras")
    message = fails("train", images, "--source", "lambda.keras", *TINY)
    assert "lambda.keras" in message


def test_an_archive_that_is_no_model_is_refused(fails, images, tmp_path):
    with zipfile.ZipFile(tmp_path / "evil.keras", "w") as archive:
        archive.writestr("../../evil.txt", "evil")
    message = fails("train", images, "--source", "evil.keras", *TINY)
    assert "evil.keras" in message


def test_no_space_left(fails, images, source, monkeypatch):
    from keras_snow.core import files

    def refuse(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "_flush", refuse)
    message = fails("train", images, "--source", source, *TINY)
    assert "No space left" in message


def test_a_diverging_run_stops_and_saves_no_model(
    fails, images, source, tmp_path
):
    options = ["--source", source, "--out", "run", "--learning-rate", "1e30"]
    message = fails("train", images, *TINY, *options)
    assert "learning" in message
    assert not (tmp_path / "run" / "model").exists()


@pytest.mark.parametrize("verb", ["evaluate", "predict"])
def test_a_folder_without_a_run(fails, images, tmp_path, verb):
    (tmp_path / "nothing").mkdir()
    thing = images if verb == "evaluate" else images / "red" / "00.png"
    assert "no run in this folder" in fails(verb, "nothing", thing)


def test_evaluate_on_another_task(fails, run, tmp_path):
    draw(tmp_path / "other", classes=["red", "green", "teal"])
    assert "other classes" in fails("evaluate", run, "other")


def test_evaluate_on_an_unknown_split(fails, run, images):
    assert "split" in fails("evaluate", run, images, "--split", "tset")


def test_predict_names_a_bad_image(fails, run, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"")
    assert "bad.jpg" in fails("predict", run, "bad.jpg")
    assert "gone.jpg" in fails("predict", run, "gone.jpg")


def test_predict_of_a_folder_without_images(fails, run, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "no images" in fails("predict", run, "empty")


def test_predict_reads_a_folder_as_training_does(snow, run, images, tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "linked").symlink_to(images / "red")
    (folder / "._a.png").write_bytes(b"no image")
    result = snow("predict", run, folder, "--json")
    assert result.exit_code == 0, result.output
    asked = [x["image"] for x in json.loads(result.stdout)]
    assert len(asked) == len(list((images / "red").iterdir()))


def test_predict_with_a_source_that_is_gone(fails, run, images):
    image = images / "red" / "00.png"
    message = fails("predict", run, image, "--source", "gone.keras")
    assert "gone.keras" in message


def test_predict_names_a_strip_and_can_skip_it(fails, snow, run, images):
    strip = Image.new("1", (1_000_000, 1))
    strip.save("strip.png")
    assert "strip.png" in fails("predict", run, "strip.png")
    good = images / "red" / "00.png"
    result = snow("predict", run, "strip.png", good, "--skip-bad")
    assert result.exit_code == 0, result.output
    assert "too narrow" in result.stderr
    assert "red/00.png" in result.stdout


def test_an_empty_argument_is_not_the_current_folder(fails, run):
    assert "name of the task is empty" in fails("train", "")
    assert "path of an image is empty" in fails("predict", run, "")
    assert "The path is empty" in fails("predict", "", "a.jpg")


@pytest.mark.parametrize("text", ["{}", "[]", "null"])
def test_damaged_settings_and_records_are_one_sentence(
    fails, run, images, source, tmp_path, text
):
    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    (copy / "model/settings.json").write_text(text)
    assert "is damaged" in fails("evaluate", copy, images)
    (copy / "record.json").write_text(text)
    assert "is damaged" in fails(
        "train", images, "--source", source, "--out", copy, *TINY
    )
    assert "is damaged" in fails("plot", "curves", copy, "--out", "curves.png")
