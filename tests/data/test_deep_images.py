"""Images of more than 8 bits have one scale for all, or are refused."""

import numpy as np
import pytest
from PIL import Image

from keras_snow.data import Task
from keras_snow.data import evaluation_image
from keras_snow.data import summarise_task
from keras_snow.data.decode import read_image
from keras_snow.data.value_range import Extent
from keras_snow.data.value_range import choose_range
from tests.data.conftest import noise
from tests.data.deep_files import grey_of
from tests.data.deep_files import png_of
from tests.data.deep_files import tiff_of

TWELVE_BITS = (0, 4095)
COLOURS = np.random.default_rng(0).integers(0, 4096, (6, 5, 3), "uint16")
SOLID = np.full((6, 5, 1), 65535, "uint16")


def scaled(values, white=4095):
    grey = values.ndim == 2 or values.shape[-1] == 1
    values = values.reshape(*values.shape[:2], -1)
    pixels = np.rint(values * (255 / white)).astype("uint8")
    return np.repeat(pixels, 3, -1) if grey else pixels


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (png_of(COLOURS), COLOURS),
        (png_of(COLOURS[..., :1]), COLOURS[..., :1]),
        (png_of(np.dstack([COLOURS, SOLID])), COLOURS),
        (png_of(np.dstack([COLOURS[..., :1], SOLID])), COLOURS[..., :1]),
        (tiff_of(COLOURS), COLOURS),
        (tiff_of(COLOURS, ">"), COLOURS),
        (grey_of(COLOURS[..., 0]), COLOURS[..., 0]),
        (grey_of(COLOURS[..., 0].astype("int32")), COLOURS[..., 0]),
        (grey_of(COLOURS[..., 0], "PNG"), COLOURS[..., 0]),
    ],
    ids=["png", "grey png", "rgba", "la", "tiff", "big-endian tiff"]
    + ["grey tiff", "32 bits", "pillow's png"],
)
def test_values_keep_all_their_bits(file, expected):
    pixels = read_image(file, value_range=TWELVE_BITS)
    np.testing.assert_array_equal(pixels, scaled(expected))


def test_deep_images_are_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # Turn clockwise to see it upright.
    values = COLOURS[..., 0]
    file = grey_of(values, "PNG", exif=exif)
    pixels = read_image(file, value_range=TWELVE_BITS)
    np.testing.assert_array_equal(pixels, scaled(np.rot90(values, -1)))


def test_what_lies_beyond_becomes_black_or_white():
    values = np.array([[-200, 0, 120, 200, 900]], "int32")
    pixels = read_image(grey_of(values), value_range=(0, 200))
    assert pixels[0, :, 0].tolist() == [0, 0, 153, 255, 255]


def test_an_image_alone_tells_its_range_if_it_needs_16_bits():
    values = np.array([[0, 257, 32896, 65535]], "uint16")
    assert read_image(grey_of(values))[0, :, 0].tolist() == [0, 1, 128, 255]
    black = np.zeros((2, 2), "uint16")
    assert not read_image(grey_of(black)).any()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (COLOURS[..., 0], r"whole numbers from .*--value-range 0,4095"),
        (np.array([[0, 1]], "float32"), "fractions from 0 to 1.*range 0,1`"),
        (np.array([[0, 70000]], "int32"), "from 0 to 70000"),
        (np.array([[-5, 60000]], "int32"), "from -5 to 60000"),
        (np.array([[0, np.nan]], "float32"), "must be finite"),
    ],
)
def test_an_image_alone_that_does_not_tell_is_refused(values, words):
    with pytest.raises(ValueError, match=words):
        read_image(grey_of(values), name="x.tif")


@pytest.mark.parametrize(
    "values", [np.full((4, 4), 60_000, "uint16"), np.eye(4, dtype="float32")]
)
def test_a_range_of_other_images_is_refused(values):
    with pytest.raises(ValueError, match="do not suit.*4095"):
        read_image(grey_of(values), value_range=TWELVE_BITS)


def test_colours_in_planes_are_refused():
    with pytest.raises(ValueError, match="planes of their own"):
        read_image(tiff_of(COLOURS, planes=2), value_range=TWELVE_BITS)


@pytest.mark.parametrize(
    ("highs", "fractions", "white"),
    [
        ([200, 250], False, 255),
        ([300, 1000], False, 1023),
        ([900, 4000], False, 4095),
        ([10, 16_000], False, 16_383),
        ([10, 16_384], False, 65_535),
        ([0.4, 1.0], True, 1),
        ([1.0, 1.02], True, 1.02),
        ([0.0], True, 1),
        ([3.0, 254.0], True, 255),
    ],
)
def test_the_largest_value_of_all_says_what_is_white(highs, fractions, white):
    extents = [Extent(0, high, fractions) for high in highs]
    assert choose_range(extents, "x") == (0, white)


@pytest.mark.parametrize(
    "extents",
    [
        [Extent(0, 37.5, True)],
        [Extent(0, 4095.0, True)],
        [Extent(-1.0, 1.0, True)],
        [Extent(-1000, 3000, False)],
        [Extent(0, 100_000, False)],
        [Extent(0, 1.0, True), Extent(0, 4000, False)],
    ],
)
def test_values_of_no_known_range_are_refused(extents):
    with pytest.raises(ValueError, match="can't be told.*--value-range"):
        choose_range(extents, "x")


@pytest.fixture
def deep_task(tmp_path):
    """Writes two classes of three images whose largest values are given."""

    def write(highs, write_one=grey_of):
        for index, high in enumerate(highs):
            values = np.linspace(0, high, 48).reshape(6, 8)
            place = tmp_path / "deep" / "ab"[index % 2] / f"{index}.tif"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(write_one(values))
        return tmp_path / "deep"

    return write


def as_whole(values):
    return grey_of(values.astype("uint16"))


def as_fractions(values):
    return grey_of(values.astype("float32"))


@pytest.mark.parametrize(
    ("highs", "write_one", "white"),
    [
        ([4000, 500, 900, 3000, 20, 4095], as_whole, 4095),
        ([1.0, 1.02, 0.5, 0.9, 0.3, 1.0], as_fractions, np.float32(1.02)),
    ],
)
def test_a_data_set_has_one_range(deep_task, highs, write_one, white):
    task = Task.from_folder(deep_task(highs, write_one), 0, 0)
    assert task.value_range == pytest.approx((0, white))
    split = task.split("train")
    for index in range(len(split)):
        number = int(split.name(index).split("/")[-1].removesuffix(".tif"))
        expected = round(255 * float(highs[number]) / float(white))
        assert abs(int(split.read(index).max()) - expected) <= 1
    assert f"0 is black, {white:g} white" in summarise_task(task)


def test_a_range_that_was_told_is_taken(deep_task):
    folder = deep_task([37.0, 20, 5, 30, 10, 8], as_fractions)
    with pytest.raises(ValueError, match=r"from 0 to 37.*task='deep', 6 such"):
        Task.from_folder(folder)
    task = Task.from_folder(folder, value_range=(0, 50))
    assert task.value_range == (0, 50)
    other = Task.from_folder(folder, value_range=(0, 40))
    assert other.fingerprint != task.fingerprint
    assert task.only(["a", "b"]).value_range == (0, 50)


def test_a_range_that_makes_all_black_is_refused(deep_task):
    folder = deep_task([0.3, 1.0], as_fractions)
    with pytest.raises(ValueError, match=r"from 0 to 1, would be black.*4095"):
        Task.from_folder(folder, value_range=TWELVE_BITS)


def test_full_16_bits_keep_the_fingerprint_that_they_had(deep_task):
    task = Task.from_folder(deep_task([65535] * 6, as_whole), 0, 0)
    split = task.split("train")
    assert split.identity(0).split("|")[1:] == [
        str(split.store.paths[0].stat().st_size)
    ]


@pytest.mark.parametrize("skip_bad", [False, True])
def test_a_value_that_is_not_finite_is_bad(deep_task, skip_bad):
    folder = deep_task([1.0] * 6, as_fractions)
    bad = np.array([[0.0, np.inf]], "float32")
    (folder / "a" / "bad.tif").write_bytes(grey_of(bad))
    if not skip_bad:
        with pytest.raises(ValueError, match=r"finite.*bad\.tif"):
            Task.from_folder(folder)
        return
    task = Task.from_folder(folder, skip_bad=True)
    assert [file.path.split("/")[-1] for file in task.skipped] == ["bad.tif"]
    assert task.value_range == (0, 1)


def test_images_of_8_bits_need_no_range(two_classes):
    assert Task.from_folder(two_classes).value_range is None
    file = grey_of(noise()[..., 0], "PNG")
    plain = evaluation_image(file, 16)
    np.testing.assert_array_equal(
        evaluation_image(file, 16, value_range=TWELVE_BITS), plain
    )


def test_arrays_in_a_file_are_told_their_range(tmp_path):
    images = np.tile(np.array([0, 2048, 4095], "uint16"), (20, 4, 1))
    np.savez(tmp_path / "x.npz", images=images, labels=[0, 1] * 10)
    with pytest.raises(ValueError, match=r"value_range=\(0, 4095\)"):
        Task.from_npz(tmp_path / "x.npz")
    task = Task.from_npz(tmp_path / "x.npz", value_range=TWELVE_BITS)
    assert task.split("train").read(0)[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize("value", [(1, 0), (0, float("nan")), (1,), "0,1", 5])
def test_a_range_is_two_numbers(two_classes, value):
    with pytest.raises((TypeError, ValueError), match="value_range"):
        Task.from_folder(two_classes, value_range=value)
