"""Training from cached maps equals training through the source."""

import errno
import gc
import shutil
import threading
import time
import weakref

import keras
import numpy as np
import pytest
from PIL import Image
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
from keras_snow.core.files import write_json
from keras_snow.data.task import Task
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


def folder_task(folder, classes, size=SIZE):
    """Bitmaps, whose size tells nothing of what is on them."""
    for number in range(30):
        place = folder / "abc"[classes[number % 3]]
        place.mkdir(parents=True, exist_ok=True)
        pixels = np.full((size, size, 3), 20 + number, "uint8")
        pixels[..., number % 3] = 200
        Image.fromarray(pixels).save(place / f"{number:02}.bmp")
    return Task.from_folder(folder, validation=0.2)


def test_kept_maps_are_of_the_images_not_of_their_names(tmp_path):
    def fitted(task, **options):
        return train(
            tiny_snow,
            task,
            RECIPE.replace(augmentation="none"),
            image_size=SIZE,
            config=QUIET.replace(cache_taps=1, **options),
        )["results"]["test"]

    shared = {"tap_folder": str(tmp_path / "shared")}
    one = folder_task(tmp_path / "one" / "set", [0, 1, 2])
    fitted(one, **shared)
    # Other pictures of the same names and sizes, first elsewhere, then there.
    other = folder_task(tmp_path / "other" / "set", [1, 2, 0])
    assert fitted(other, **shared) == fitted(other)
    shutil.rmtree(tmp_path / "one" / "set")
    changed = folder_task(tmp_path / "one" / "set", [2, 0, 1])
    assert fitted(changed, **shared) == fitted(changed)


def test_kept_maps_are_of_one_precision(tmp_path):
    shared = {"tap_folder": str(tmp_path)}
    run(tiny_snow, 1, precision="mixed_bfloat16", **shared)
    found = run(tiny_snow, 1, precision="float32", **shared)
    assert found["curves"]["loss"] == run(tiny_snow, 1)["curves"]["loss"]


def test_two_runs_fill_a_folder_one_after_the_other(tmp_path, monkeypatch):
    keep, entered, going = TapCache._keep, threading.Event(), []

    def slow(self, source, images, start):
        going.append(threading.current_thread().name)
        entered.set()
        time.sleep(0.5)
        return keep(self, source, images, start)

    monkeypatch.setattr(TapCache, "_keep", slow)
    feeds = [make_feed(views=1, folder=tmp_path) for _ in range(2)]
    threads = [
        threading.Thread(target=feed._cache, args=("train",), name=str(number))
        for number, feed in enumerate(feeds)
    ]
    threads[0].start()
    entered.wait(20)
    threads[1].start()
    for thread in threads:
        thread.join()
    assert set(going) == {"0"}
    first, second = (feed._cache("train") for feed in feeds)
    assert np.asarray(first.maps).any(axis=1).all()
    np.testing.assert_array_equal(first.maps, second.maps)


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


def test_a_disk_without_room_for_the_maps_is_told_at_once(
    tmp_path, monkeypatch
):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full, raising=False)
    layout = TapLayout(8, {"early": (4, 4, 2)})
    with pytest.raises(OSError, match="No space left to write.*maps.npy"):
        TapCache(layout, 3, tmp_path)


def test_kept_maps_that_lost_their_end_are_made_anew(tmp_path):
    layout = TapLayout(8, {"early": (4, 4, 2)})
    write_json(tmp_path / "complete.json", {"rows": 3})
    for name in ("maps.npy", "images.npy"):
        (tmp_path / name).write_bytes(b"\x93NUMPY")
    cache = TapCache(layout, 3, tmp_path)
    assert cache.maps.shape == (3, 32)
    assert not (tmp_path / "complete.json").exists()
