"""Figures show what they were given, where it belongs, and can be read."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from keras_snow.visualization import draw_activations
from keras_snow.visualization import draw_chosen_maps
from keras_snow.visualization import draw_confusion
from keras_snow.visualization import draw_filters
from keras_snow.visualization import draw_heat_maps
from keras_snow.visualization import draw_importances
from keras_snow.visualization import draw_levels
from keras_snow.visualization import draw_overlap
from keras_snow.visualization import draw_selections
from keras_snow.visualization import save_figure
from keras_snow.visualization.canvas import SMALL
from keras_snow.visualization.canvas import pixels_of
from keras_snow.visualization.selections import selection_states

RANDOM = np.random.default_rng(0)


def colour_at(figure, axis, x, y):
    """The rendered pixel at a place of an axis, in its data's units."""
    pixels = pixels_of(figure)
    right, up = axis.transData.transform((x, y))
    return pixels[pixels.shape[0] - 1 - int(up), int(right)].astype(int)


def planted_kernel(index, filters=6):
    """A filter whose upper left is red and whose lower right is blue."""
    kernel = np.zeros((2, 2, 3, filters))
    kernel[0, 0, 0, index] = 1.0
    kernel[1, 1, 2, index] = 1.0
    return kernel


def test_a_planted_filter_is_rendered_where_it_belongs():
    figure = draw_filters(planted_kernel(index=4), columns=3)
    axis = figure.axes[0]
    # Fourth of six in rows of three: second row, second column.
    left, right, bottom, top = axis.images[4].get_extent()
    width, height = right - left, bottom - top
    upper = left + width / 4, top + height / 4
    lower = left + 3 * width / 4, top + 3 * height / 4
    np.testing.assert_allclose(
        colour_at(figure, axis, *upper), [255, 127, 127], atol=2
    )
    np.testing.assert_allclose(
        colour_at(figure, axis, *lower), [127, 127, 255], atol=2
    )
    places = [image.get_extent() for image in axis.images]
    assert left == places[1][0], "It stands below the second filter."
    assert top == places[3][3], "It stands beside the fourth filter."
    assert top > places[0][2], "The second row lies below the first."


def test_filters_are_taken_out_along_the_last_axis():
    kernel = RANDOM.normal(size=(5, 4, 3, 7))
    figure = draw_filters(kernel)
    for index, image in enumerate(figure.axes[0].images):
        weights = kernel[..., index]
        drawn = np.asarray(image.get_array())
        expected = 0.5 + 0.5 * weights / np.abs(weights).max()
        np.testing.assert_allclose(drawn, expected, rtol=1e-5)


def test_a_kernel_that_reads_no_image_is_refused():
    with pytest.raises(ValueError, match="Received: kernel.shape"):
        draw_filters(np.zeros((3, 3, 64, 8)))


def test_maps_keep_their_place_and_orientation():
    maps = np.zeros((4, 6, 5))
    maps[0, 5, 2] = 1.0  # Upper right of the third map.
    figure = draw_activations(maps - 0.5, maps)
    before, after = figure.axes
    for index, image in enumerate(after.images):
        np.testing.assert_array_equal(image.get_array(), maps[..., index])
    left, right, bottom, top = after.images[2].get_extent()
    shine = colour_at(figure, after, right - 0.02, top + 0.02)
    dark = colour_at(figure, after, left + 0.02, bottom - 0.02)
    assert shine.sum() > 1.5 * dark.sum()
    assert {image.get_cmap().name for image in before.images} == {"RdBu_r"}
    assert {image.get_cmap().name for image in after.images} == {"viridis"}


def test_signed_maps_are_white_at_zero():
    maps = np.array([[[-3.0], [0.0]], [[1.0], [2.0]]])
    image = draw_activations(maps, maps).axes[0].images[0]
    assert image.get_clim() == (-3.0, 3.0)
    np.testing.assert_allclose(
        image.to_rgba(image.get_array())[0, 1, :3], 1.0, atol=0.04
    )


def test_chosen_and_left_maps_carry_their_channels():
    maps = {9: np.eye(3), 4: np.ones((3, 3))}
    figure = draw_chosen_maps(np.zeros((8, 8, 3)), maps, {2: np.eye(3)})
    labels = [[t.get_text() for t in axis.texts] for axis in figure.axes]
    assert labels == [[], ["9", "4"], ["2"]]
    np.testing.assert_array_equal(
        figure.axes[1].images[0].get_array(), np.eye(3)
    )


def test_heat_lies_where_it_was_found():
    image, heat = np.full((40, 40, 3), 100), np.zeros((4, 4))
    heat[0, 3] = 1.0  # Upper right.
    figure = draw_heat_maps([image], [heat], ["wren"])
    hot = figure.axes[1]
    assert hot.get_xlim() == (-0.5, 39.5)
    bright = colour_at(figure, hot, 35, 4).sum()
    for x, y in ((4, 4), (4, 35), (35, 35)):
        assert colour_at(figure, hot, x, y).sum() < bright - 100


def test_states_tell_kept_from_new():
    chosen = np.array([[0, 1], [1, 3], [3, 0]])
    states = selection_states(chosen, 5)
    assert states.shape == (5, 3)
    assert states[:, 0].tolist() == [1, 1, 0, 0, 0]
    assert states[:, 1].tolist() == [0, 1, 0, 2, 0]
    assert states[:, 2].tolist() == [2, 0, 0, 1, 0]


def test_a_channel_is_drawn_at_its_number_with_epochs_below():
    moments = np.array([0, 0.5, 1, 1.5, 2])
    chosen = {"late": np.full((5, 1), 6)}
    changes = {"set": np.zeros(4), "slots": np.full(4, 0.25)}
    figure = draw_selections(moments, chosen, {"late": 8}, changes)
    axis, below = figure.axes
    drawn = colour_at(figure, axis, 2.2, 6)
    np.testing.assert_allclose(drawn, [0, 0x72, 0xB2], atol=2)
    np.testing.assert_allclose(colour_at(figure, axis, 2.2, 1), 255, atol=2)
    assert below.get_xticks().tolist() == [0, 2, 4]
    assert [t.get_text() for t in below.get_xticklabels()] == ["0", "1", "2"]
    assert len(axis.lines) == 3, "One line an epoch."
    slots = below.lines[1]
    np.testing.assert_array_equal(slots.get_ydata(), [25.0] * 4)
    assert slots.get_xdata().tolist() == [1, 2, 3, 4]


def test_a_channel_of_many_is_drawn_at_its_number():
    chosen = {"late": np.stack([np.arange(800, 1000)] * 4)}
    figure = draw_selections(np.arange(4), chosen, {"late": 2048})
    axis = figure.axes[0]
    for moment in (-0.3, 2.3):
        blue = colour_at(figure, axis, moment, 900)
        assert blue[2] > blue[0] + 50, "It is chosen, or newly so."
    np.testing.assert_allclose(colour_at(figure, axis, 2.3, 400), 255, atol=2)


def test_chosen_importances_are_marked_at_their_ranks():
    values = {"tap": np.array([0.1, 0.9, 0.5, 0.7])}
    figure = draw_importances(values, {"tap": np.array([1, 2])})
    every, marked = figure.axes[0].lines[:2]
    assert every.get_ydata().tolist() == [0.9, 0.7, 0.5, 0.1]
    assert marked.get_xdata().tolist() == [0, 2]
    assert marked.get_ydata().tolist() == [0.9, 0.5]


def test_confusion_rows_are_classes():
    figure = draw_confusion(np.array([[2, 6], [0, 0]]), ["cat", "dog"])
    shares = figure.axes[0].images[0].get_array()
    assert shares.tolist() == [[0.25, 0.75], [0.0, 0.0]]
    with pytest.raises(ValueError, match="for 3 classes"):
        draw_confusion(np.eye(2), ["a", "b", "c"])


def test_an_overlap_of_one_task_is_refused():
    with pytest.raises(ValueError, match="at least two tasks"):
        draw_overlap(np.eye(1), ["cars"])


def long_names(count):
    return [f"{i:03}_Aston_Martin_V8_Vantage_2012" for i in range(count)]


def stages(count, channels=64):
    names = [f"conv{1 + i // 4}_block{1 + i % 4}_out" for i in range(count)]
    values = {name: RANDOM.uniform(-1, 123.4, channels) for name in names}
    return values, {name: np.arange(8) for name in names}


def history(taps, moments):
    chosen = {
        f"conv4_block{index}_out": RANDOM.integers(0, 2048, (moments, 9))
        for index in range(taps)
    }
    changes = {n: RANDOM.random(moments - 1) for n in ("set", "slots")}
    return np.arange(moments), chosen, dict.fromkeys(chosen, 2048), changes


def symmetric(count):
    values = RANDOM.random((count, count))
    return (values + values.T) / 2


FIGURES = {
    "two classes": lambda: draw_confusion(np.eye(2), ["cat", "dog"]),
    "30 classes": lambda: draw_confusion(np.eye(30), long_names(30)),
    "200 classes": lambda: draw_confusion(np.eye(200), long_names(200)),
    "2 tasks": lambda: draw_overlap(symmetric(2), long_names(2), 0.07),
    "40 tasks": lambda: draw_overlap(symmetric(40), long_names(40)),
    "1 tap": lambda: draw_importances(*stages(1)),
    "17 taps": lambda: draw_importances(*stages(17)),
    "17 levels": lambda: draw_levels(*stages(17)),
    "1 level": lambda: draw_levels(*stages(1)),
    "300 epochs": lambda: draw_selections(*history(3, 301)),
    "1 epoch": lambda: draw_selections(*history(1, 2)),
    "maps": lambda: draw_activations(
        RANDOM.random((7, 7, 16)), RANDOM.random((7, 7, 16)), range(2000, 2016)
    ),
}


def overlapping(boxes):
    """Pairs of boxes that share more than a hair's breadth."""
    return [
        (one, other)
        for one, other in itertools.combinations(boxes, 2)
        if min(one.x1, other.x1) - max(one.x0, other.x0) > 0.5
        and min(one.y1, other.y1) - max(one.y0, other.y0) > 0.5
    ]


def written_in(figure):
    """Every piece of text that is drawn, with its box in pixels."""
    renderer = figure.canvas.get_renderer()
    texts = [t for t in (figure._suptitle, figure._supxlabel) if t]
    for axis in figure.axes:
        if not axis.get_visible():
            continue
        texts += axis.texts
        # Text that is set aside by a shared axis has no box.
        shown = [axis.title, axis._left_title]
        if axis.axison:
            shown += [axis.xaxis.label, axis.yaxis.label]
            for each in (axis.xaxis, axis.yaxis):
                low, high = sorted(each.get_view_interval())
                for tick in each.get_major_ticks():
                    if low <= tick.get_loc() <= high:
                        shown.append(tick.label1)
        texts += shown
    texts = [t for t in texts if t.get_text() and t.get_visible()]
    return texts, [text.get_window_extent(renderer) for text in texts]


@pytest.mark.parametrize("name", FIGURES)
def test_text_can_be_read_at_800_pixels(name):
    figure = FIGURES[name]()
    pixels = pixels_of(figure)
    assert pixels.shape[1] == 800
    texts, boxes = written_in(figure)
    assert len(texts) > 3
    assert min(text.get_size() for text in texts) >= SMALL
    words = {id(b): t.get_text() for t, b in zip(texts, boxes, strict=True)}
    pairs = overlapping(boxes)
    assert not pairs, [(words[id(a)], words[id(b)]) for a, b in pairs]
    height, width = pixels.shape[:2]
    for box in boxes:
        assert box.x0 >= -1, words[id(box)]
        assert box.y0 >= -1, words[id(box)]
        assert box.x1 <= width + 1, words[id(box)]
        assert box.y1 <= height + 1, words[id(box)]


def test_the_overlap_check_can_fail():
    figure = draw_importances(*stages(1))
    axis = figure.axes[0]
    axis.set_xticks([0, 0.1], ["a long label", "another"])
    pixels_of(figure)
    assert overlapping(written_in(figure)[1])


def test_a_figure_is_written_whole_and_its_ending_is_checked(tmp_path):
    figure = draw_importances(*stages(1))
    path = save_figure(figure, tmp_path / "figure.png")
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"png.*Received: out='figure.bmpp'"):
        save_figure(figure, "figure.bmpp")


def test_figures_need_neither_a_display_nor_pyplot(tmp_path):
    code = (
        "import sys, numpy as np\n"
        "from keras_snow.visualization import draw_filters, save_figure\n"
        "figure = draw_filters(np.ones((3, 3, 3, 4)))\n"
        f"save_figure(figure, {str(tmp_path / 'figure.png')!r})\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    # A backend that cannot be loaded: whatever asks for one fails. The command
    # line's own way of loading the package leaves Keras out.
    environment = {"MPLBACKEND": "TkAgg", "DISPLAY": "", "PATH": ""}
    environment |= {"PYTHONPATH": ":".join(filter(None, sys.path))}
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"KERAS_BACKEND": "hidden"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.stdout.strip() == "False", result.stderr
