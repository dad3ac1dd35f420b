"""Training from cached maps equals training through the source."""

import gc
import weakref

import keras
import numpy as np
import pytest
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import exact_snow
from tiny_runs import tiny_head
from tiny_runs import tiny_snow
from tiny_runs import tiny_source
from tiny_runs import tiny_task

from keras_snow.baselines import build_method
from keras_snow.callbacks import model_state
from keras_snow.models import SNOWModel
from keras_snow.sources import Source
from keras_snow.training import train
from keras_snow.training.tap_cache import TapCache
from keras_snow.training.tap_cache import TapLayout
from keras_snow.training.tap_feed import TapFeed


def run(model, views, out=None, augmentation="none", **options):
    return train(
        model,
        tiny_task(),
        RECIPE.replace(augmentation=augmentation, epochs=2),
        out=out,
        image_size=SIZE,
        config=QUIET.replace(cache_taps=views, **options),
    )


def test_without_augmentation_the_cache_changes_nothing(tmp_path):
    models = []

    def build():
        models.append(exact_snow())
        return models[-1]

    expected = run(build, 0)
    found = run(build, 1, out=tmp_path)
    # XLA fuses the source and the delta, and so rounds in another order.
    rtol = 0 if keras.backend.backend() == "tensorflow" else 1e-4
    for ours, theirs in zip(
        *(model_state.read_weights(model).values() for model in models),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol / 10)
    assert found["curves"]["loss"] == pytest.approx(
        expected["curves"]["loss"], rel=rtol, abs=0
    )
    assert found["results"]["test"]["loss"] == pytest.approx(
        expected["results"]["test"]["loss"], rel=rtol, abs=0
    )
    assert not (tmp_path / "taps").exists()
    assert (tmp_path / "model/settings.json").exists()


@pytest.mark.slow
def test_runs_can_share_the_maps(tmp_path, monkeypatch):
    calls = []
    predict = Source.predict_on_batch

    def counted(self, images):
        calls.append(len(images))
        return predict(self, images)

    monkeypatch.setattr(Source, "predict_on_batch", counted)
    options = {"tap_folder": str(tmp_path / "shared")}
    first = run(tiny_snow, 2, out=tmp_path / "a", **options)
    filled = len(calls)
    second = run(tiny_snow, 2, out=tmp_path / "b", **options)
    assert filled > 0
    assert len(calls) == filled
    assert first["curves"]["loss"] == second["curves"]["loss"]


def test_a_run_leaves_no_maps_in_memory(monkeypatch):
    made = []
    begin = TapCache.__init__

    def noting(self, *args, **kwargs):
        begin(self, *args, **kwargs)
        made.append(weakref.ref(self))

    monkeypatch.setattr(TapCache, "__init__", noting)
    run(tiny_snow, 1)
    gc.collect()
    assert made
    assert not [cache for cache in made if cache() is not None]


def test_other_views_have_maps_of_their_own():
    assert make_feed(views=1)._key() != make_feed(views=2)._key()


def test_maps_of_more_taps_serve_a_run_with_fewer(tmp_path, monkeypatch):
    calls = []
    predict = Source.predict_on_batch

    def counted(self, images):
        calls.append(len(images))
        return predict(self, images)

    monkeypatch.setattr(Source, "predict_on_batch", counted)

    def final_only():
        return build_method("fo", tiny_source(), 3)

    expected = run(final_only, 2, out=tmp_path / "alone")
    shared = {"tap_folder": str(tmp_path / "shared")}
    run(tiny_snow, 2, out=tmp_path / "snow", **shared)
    filled = len(calls)
    found = run(final_only, 2, out=tmp_path / "fo", **shared)
    assert len(calls) == filled
    assert found["curves"]["loss"] == pytest.approx(
        expected["curves"]["loss"], rel=1e-5
    )


def make_feed(views, folder=None, augmentation="crop"):
    recipe = RECIPE.replace(augmentation=augmentation)
    config = QUIET.replace(cache_taps=views)
    return TapFeed(
        tiny_snow(), tiny_task(), recipe, SIZE, 0, config, folder=folder
    )


def test_epochs_go_through_the_views():
    feed = make_feed(views=3)
    views = np.stack([feed._view(epoch) for epoch in range(4)])
    assert {tuple(sorted(column)) for column in views[:3].T} == {(0, 1, 2)}
    np.testing.assert_array_equal(views[0], views[3])


def test_a_later_start_reads_what_the_whole_run_reads():
    feed = make_feed(views=2)
    whole, later = feed.training(), feed.training(first_epoch=2)
    expected, expected_labels = whole.reader(2 * whole.steps + 1)
    found, labels = later.reader(1)
    np.testing.assert_array_equal(labels, expected_labels)
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name])


def test_a_cache_holds_the_maps_of_its_images(tmp_path):
    source = tiny_snow().source
    layout = TapLayout.of(source, SIZE)
    images = np.random.default_rng(0).integers(0, 255, (5, SIZE, SIZE, 3))
    images = images.astype("uint8")
    cache = TapCache(layout, 5, tmp_path / "taps")
    cache.fill(source, lambda row: images[row])
    again = TapCache(layout, 5, tmp_path / "taps")
    again.fill(source, lambda row: pytest.fail("The cache is complete."))
    found = again.read(np.array([4, 0]))
    expected = source.predict_on_batch(images[[4, 0]].astype("float32"))
    np.testing.assert_array_equal(found["image"], images[[4, 0]])
    for name in layout.shapes:
        np.testing.assert_allclose(
            found[name], expected[name], rtol=1e-3, atol=1e-4
        )
    again.remove()
    assert not (tmp_path / "taps").exists()


def test_too_large_a_cache_is_refused_before_it_is_made():
    with pytest.raises(ValueError, match="cache_limit_gb=0.0001"):
        run(tiny_snow, 4, cache_limit_gb=1e-4)


def test_a_model_without_a_source_has_no_maps_to_cache():
    with pytest.raises(ValueError, match="0 frozen sources"):
        run(tiny_head, 1)


def test_maps_beyond_float16_are_refused():
    source = tiny_source()
    source.get_layer("late").bias.assign(np.full(32, 1e6, "float32"))
    model = SNOWModel.from_source(source, 3, k=0.25)
    with pytest.raises(ValueError, match="float16"):
        run(model, 1)
