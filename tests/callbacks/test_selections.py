"""What is recorded of a run's selections, and drawn in TensorBoard."""

import keras
import numpy as np
import pytest

from keras_snow.callbacks import RunState
from keras_snow.callbacks import SelectionHistory
from keras_snow.callbacks import SelectionRecorder
from keras_snow.callbacks import TensorBoardSelections
from keras_snow.callbacks import model_state
from keras_snow.callbacks.choices import choices_of
from keras_snow.callbacks.selection_figure import draw_history
from keras_snow.deltas import DeltaSettings
from keras_snow.deltas import ResNetDelta
from keras_snow.layers import ChannelPooling
from keras_snow.sources import Tap
from tests.backends import only_tensorflow


def pooled_model(channels=6):
    pooling = ChannelPooling(k=2, name="late_choice")
    return keras.Sequential([keras.Input((channels,)), pooling])


def choose(model, *channels):
    importance = np.ones(model.layers[0].importance.shape[0])
    importance[list(channels)] = 2.0
    model.layers[0].importance.assign(importance)


def recorder_of(model, path=None, state=None, **options):
    options = {"steps": 4} | options
    recorder = SelectionRecorder(path, state or RunState(), **options)
    recorder.set_model(model)
    return recorder


def train(recorder, epochs, first=0):
    """Chooses channels that the number of the epoch tells."""
    recorder.on_train_begin()
    for epoch in range(first, epochs):
        recorder.on_epoch_begin(epoch)
        for batch in range(4):
            choose(recorder.model, (epoch + batch) % 5, 5)
            recorder.on_train_batch_end(batch)
        recorder.on_epoch_end(epoch)


def test_a_history_comes_back_as_it_was(tmp_path):
    history = SelectionHistory.of({"early": 4, "late": 70_000})
    history.add(0, [np.array([1, 0]), np.array([66_000])])
    history.add(1, [np.array([1, 3]), np.array([1])])
    history.save(tmp_path / "selections.npz")
    again = SelectionHistory.load(tmp_path / "selections.npz")
    assert again.channels == history.channels
    assert again.moments == [0.0, 1.0]
    assert again.array("early").tolist() == [[1, 0], [1, 3]]
    assert again.array("late").tolist() == [[66_000], [1]]
    # Of the early tap a half has changed, of the late one all.
    assert again.changes()["set"].tolist() == [0.75]
    assert again.changes()["slots"].tolist() == [0.75]


def test_a_long_run_on_a_large_network_takes_little_room(tmp_path):
    taps = {f"tap{index}": 2048 for index in range(17)}
    history = SelectionHistory.of(taps)
    for epoch in range(61):
        history.add(epoch, [np.arange(256)] * 17)
    history.save(tmp_path / "selections.npz")
    assert (tmp_path / "selections.npz").stat().st_size < 600_000


def test_a_damaged_file_is_said_to_be(tmp_path):
    path = tmp_path / "selections.npz"
    path.write_bytes(b"PK\x03\x04 nonsense")
    with pytest.raises(ValueError, match="damaged"):
        SelectionHistory.load(path)
    model_state.save_state(path, {}, {"moments": []})
    with pytest.raises(ValueError, match="damaged"):
        SelectionHistory.load(path)


def test_each_epoch_is_recorded_and_written(tmp_path):
    path = tmp_path / "selections.npz"
    train(recorder_of(pooled_model(), path), epochs=3)
    history = SelectionHistory.load(path)
    assert history.channels == {"late": 6}
    assert history.moments == [0.0, 1.0, 2.0, 3.0]
    assert history.array("late").tolist() == [[0, 1], [3, 5], [4, 5], [0, 5]]


def test_of_block_and_head_the_choice_of_the_block_is_recorded():
    taps = [Tap("early", 8, 2), Tap("late", 16, 4)]
    delta = ResNetDelta(taps, 3, DeltaSettings(head_k=0.5))
    choices = choices_of(delta)
    names = [layer.name for layer in choices.values()]
    assert list(choices) == ["early", "late"]
    assert names == ["early_choice", "late_head_choice"]
    delta = ResNetDelta(taps, 3, DeltaSettings(head_k=1.0))
    assert list(choices_of(delta)) == ["early"], "A head that reads all."


def test_records_within_an_epoch_are_spread_evenly():
    recorder = recorder_of(pooled_model(), records=2)
    train(recorder, epochs=2)
    assert recorder.history.moments == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert recorder.history.array("late")[1].tolist() == [1, 5]


def test_what_is_trained_again_is_recorded_again(tmp_path):
    path, model = tmp_path / "selections.npz", pooled_model()
    train(recorder_of(model, path), epochs=3)
    whole = SelectionHistory.load(path)
    # A kill behind the file and before the checkpoint of the third epoch.
    train(recorder_of(model, path, RunState(epochs_done=2)), 3, first=2)
    again = SelectionHistory.load(path)
    assert again.moments == whole.moments
    np.testing.assert_array_equal(again.array("late"), whole.array("late"))


@pytest.mark.parametrize("text", [None, b"damaged"])
def test_a_run_without_a_readable_file_goes_on(tmp_path, text):
    path = tmp_path / "selections.npz"
    if text:
        path.write_bytes(text)
    recorder = recorder_of(pooled_model(), path, RunState(epochs_done=2))
    train(recorder, epochs=3, first=2)
    assert SelectionHistory.load(path).moments == [2.0, 3.0]


def test_a_diverged_epoch_is_not_recorded(tmp_path):
    recorder = recorder_of(
        pooled_model(), tmp_path / "selections.npz", RunState(problem="NaN")
    )
    train(recorder, epochs=1)
    assert recorder.history.moments == [0.0]
    assert not recorder.path.exists()


def test_a_model_that_chooses_nothing_leaves_no_file(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    recorder = recorder_of(model, tmp_path / "selections.npz")
    recorder.on_train_begin()
    recorder.on_epoch_end(0)
    assert not recorder.path.exists()


@pytest.mark.parametrize("options", [{"records": 0}, {"steps": 0}])
def test_numbers_of_records_that_make_no_sense_are_refused(options):
    with pytest.raises(ValueError, match="at least 1"):
        recorder_of(pooled_model(), **options)


def test_three_taps_from_first_to_last_are_drawn():
    taps = {f"tap{index}": 4 for index in range(9)}
    history = SelectionHistory.of(taps)
    history.add(0, [np.array([0])] * 9)
    titles = [axis.get_title(loc="left") for axis in draw_history(history).axes]
    assert [title.split(":")[0] for title in titles] == ["tap0", "tap4", "tap8"]
    with pytest.raises(ValueError, match="Did you mean `tap1`"):
        draw_history(history, ["tap11"])


def tensorboard_after(folder, epochs=4):
    recorder = recorder_of(pooled_model())
    drawer = TensorBoardSelections(folder, RunState(), recorder)
    drawer.set_params({"epochs": epochs})
    train(recorder, epochs=1)
    drawer.on_epoch_end(epochs - 1)


@only_tensorflow
def test_the_figure_is_in_tensorboard(tmp_path):
    loader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_file_loader"
    )
    import tensorflow as tf

    tensorboard_after(tmp_path)
    (file,) = tmp_path.iterdir()
    values = [
        (event.step, value)
        for event in loader.EventFileLoader(str(file)).Load()
        for value in event.summary.value
    ]
    ((step, value),) = values
    assert (step, value.tag) == (4, "selections")
    picture = tf.io.decode_png(value.tensor.string_val[2]).numpy()
    assert picture.shape[1:] == (800, 3)
    blue = (picture == [0, 0x72, 0xB2]).all(axis=-1)
    assert blue.mean() > 0.05, "Chosen channels are drawn."


@pytest.mark.parametrize("missing", ["tensorflow", "tensorboard"])
def test_nothing_is_drawn_without_tensorboard(tmp_path, monkeypatch, missing):
    from keras_snow.callbacks import tensorboard

    monkeypatch.setattr(
        tensorboard.importlib.util,
        "find_spec",
        lambda name: name != missing or None,
    )
    monkeypatch.setattr(tensorboard, "draw_history", lambda history: 1 / 0)
    tensorboard_after(tmp_path / "logs")
    assert not (tmp_path / "logs").exists()
