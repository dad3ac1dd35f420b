"""The demo, in small: what it leaves, and how its source is kept."""

import dataclasses
import json

import pytest
from click.testing import CliRunner
from PIL import Image

from keras_snow.cli.demo import demo
from keras_snow.reports.demo import source as home
from keras_snow.reports.demo.network import SourceSettings
from keras_snow.reports.demo.network import build_network
from keras_snow.reports.demo.run import format_rows
from keras_snow.reports.demo.run import run_demo
from keras_snow.reports.demo.settings import METHODS
from keras_snow.reports.demo.settings import DemoSettings
from keras_snow.reports.demo.source import default_folder
from keras_snow.reports.demo.source import demo_source_file
from keras_snow.reports.demo.source import load_demo_source
from keras_snow.sources import Source

TINY_SOURCE = SourceSettings(
    images=64, epochs=1, batch_size=32, stem=8, blocks=((16, 2), (24, 2))
)
TINY = DemoSettings(
    tasks=("counting",),
    images=64,
    validation=10,
    test=20,
    epochs=1,
    source=TINY_SOURCE,
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def kept(cache):
    return demo_source_file(TINY_SOURCE, cache)


@pytest.fixture(scope="module")
def out(kept, cache, tmp_path_factory):
    out = tmp_path_factory.mktemp("demo")
    run_demo(seed=1, out=out, settings=TINY, cache=cache)
    return out


def test_every_method_has_a_row(out):
    rows = json.loads((out / "demo.json").read_text())["rows"]
    assert [row["method"] for row in rows] == list(METHODS)
    for row in rows:
        assert 0 <= row["top1"] <= 1
        assert row["trained_parameters"] > 0
        assert row["images_per_second"] > 0


def test_the_final_layer_trains_the_fewest_parameters(out):
    rows = json.loads((out / "demo.json").read_text())["rows"]
    trained = {row["method"]: row["trained_parameters"] for row in rows}
    assert trained["fo"] == 24 * 5 + 5
    assert trained["fo"] < trained["snow"]


def test_the_table_is_written_as_shown(out):
    rows = json.loads((out / "demo.json").read_text())["rows"]
    assert (out / "demo.md").read_text() == format_rows(rows) + "\n"


def test_the_figure_is_an_image(out):
    with Image.open(out / "demo.png") as figure:
        assert figure.format == "PNG"
        assert figure.size[0] > 800


def test_the_source_is_trained_once(kept, cache):
    said = []
    assert demo_source_file(TINY_SOURCE, cache, said.append) == kept
    assert len(said) == 1
    assert "trained before" in said[0]


def test_the_source_offers_its_blocks(kept, cache):
    taps = load_demo_source(TINY_SOURCE, cache).taps
    assert [tap.name for tap in taps] == ["block1_out", "block2_out"]
    assert [tap.stride for tap in taps] == [4, 8]


def test_other_settings_are_another_source(cache, kept):
    other = dataclasses.replace(TINY_SOURCE, seed=1)
    assert home._key(other) != home._key(TINY_SOURCE)


def test_other_drawings_are_another_source(monkeypatch):
    key = home._key(TINY_SOURCE)
    draw = home.draw_shapes

    def darker(*args, **kwargs):
        images, labels = draw(*args, **kwargs)
        return images // 2, labels

    monkeypatch.setattr(home, "draw_shapes", darker)
    assert home._key(TINY_SOURCE) != key


@pytest.mark.parametrize("damage", [b"", b"no archive"])
def test_a_damaged_source_is_trained_again(tmp_path, kept, monkeypatch, damage):
    damaged = tmp_path / kept.name
    damaged.write_bytes(damage)
    untrained = build_network(TINY_SOURCE)
    monkeypatch.setattr(home, "train_network", lambda *_: untrained)
    said = []
    path = demo_source_file(TINY_SOURCE, tmp_path, said.append)
    assert "damaged" in said[0]
    assert list(tmp_path.iterdir()) == [path]
    assert Source.from_file(path).taps


def test_a_killed_training_leaves_no_source(tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(home, "train_network", killed)
    with pytest.raises(KeyboardInterrupt):
        demo_source_file(TINY_SOURCE, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_source_is_kept_in_keras_home(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "keras-snow"


def test_unknown_tasks_are_refused_before_anything_is_done(tmp_path):
    with pytest.raises(ValueError, match="Did you mean `counting`"):
        run_demo(["contig"], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_command_prints_the_table(tmp_path, monkeypatch, kept, cache):
    import keras_snow.reports.demo.run as module

    run = module.run_demo

    def tiny(tasks, seed, out, settings, say):
        assert settings.epochs == 2
        return run(tasks, seed, out, TINY, cache, say)

    monkeypatch.setattr(module, "run_demo", tiny)
    arguments = ["--task", "relation", "--epochs", "2", "--out", str(tmp_path)]
    result = CliRunner().invoke(demo, arguments)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "demo.md").read_text() in result.stdout
    assert "demo.png" in result.stdout
