"""The tokens of a transformer are maps."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_snow import SNOWModel
from keras_snow.layers import TokenEmbedding
from keras_snow.layers import TokenMap
from keras_snow.serving import fold_deltas
from keras_snow.sources import Source
from keras_snow.sources import Tap
from keras_snow.sources import find_block_ends
from keras_snow.sources import find_candidates
from keras_snow.sources import load_source
from keras_snow.sources.small import vit
from tests.toys import SETTINGS
from tests.toys import images

SIZE = 16
TAPS = ["block1_out", "block2_out", "end_norm"]


@keras.saving.register_keras_serializable("tests")
class Block(layers.Layer):
    """A block whose layers no graph shows."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.norm = layers.LayerNormalization()
        self.dense = layers.Dense(8)

    def build(self, shape):
        self.norm.build(shape)
        self.dense.build(shape)
        self.built = True

    def call(self, x):
        return x + self.dense(self.norm(x))

    def compute_output_shape(self, shape):
        return shape


class Encoder(layers.Layer):
    """A stack of blocks, as libraries write it."""

    def __init__(self, depth, **kwargs):
        super().__init__(**kwargs)
        self.blocks = [Block(name=f"layer{i}") for i in range(depth)]

    def build(self, shape):
        for block in self.blocks:
            block.build(shape)
        self.built = True

    def call(self, x):
        found = {}
        for block in self.blocks:
            x = found[block.name] = block(x)
        return x, found


def toy(**changes):
    keras.utils.set_random_seed(0)
    return vit(
        **{"image_size": SIZE, "channels": 8, "blocks": 3, "heads": 2} | changes
    )


def opaque(height=SIZE, width=SIZE, depth=3, prefix=1):
    """Returns a transformer whose patches and blocks no graph shows."""
    image = keras.Input((height, width, 3))
    x = layers.Reshape((height * width // 16, 48))(image)
    x = TokenEmbedding(prefix)(layers.Dense(8)(x))
    x, _ = Encoder(depth, name="encoder")(x)
    return keras.Model(image, layers.LayerNormalization(name="end")(x))


def names(taps):
    return [tap.name for tap in taps]


def plain(maps):
    return {name: ops.convert_to_numpy(value) for name, value in maps.items()}


def test_a_block_ends_where_its_second_sum_is_and_the_last_behind_its_norm():
    assert find_block_ends(toy()) == [
        Tap(name, 8, 4, tokens=17, prefix=1) for name in TAPS
    ]


def test_of_many_blocks_four_are_tapped_at_equal_distances():
    found = names(find_block_ends(toy(blocks=12)))
    assert found == ["block3_out", "block6_out", "block9_out", "end_norm"]


def test_the_maps_are_the_tokens_of_the_patches_row_by_row():
    network = toy()
    maps = plain(Source(network)(images(2, SIZE)))
    tokens = ops.convert_to_numpy(network(images(2, SIZE)))
    np.testing.assert_allclose(
        maps["end_norm"].reshape(2, 16, 8), tokens[:, 1:], atol=1e-6
    )
    assert maps["end_norm"].shape == (2, 4, 4, 8)


@pytest.mark.parametrize("prefix", [0, 1, 5])
def test_tokens_before_those_of_the_patches_are_counted(prefix):
    tap = Source(toy(prefix=prefix)).taps[-1]
    assert (tap.tokens, tap.prefix, tap.stride) == (16 + prefix, prefix, 4)


def test_an_image_that_is_no_square_has_a_grid_of_its_shape():
    source = Source(opaque(16, 32))
    assert [(t.tokens, t.prefix, t.stride) for t in source.taps] == [
        (33, 1, 4)
    ] * 3
    maps = source(np.zeros((1, 16, 32, 3), "float32"))
    assert maps["end"].shape == (1, 4, 8, 8)


def test_a_layer_that_runs_a_stack_of_blocks_is_opened():
    network = opaque()
    source = Source(network)
    assert names(source.taps) == ["layer0", "layer1", "end"]
    expected = ops.convert_to_numpy(network(images(2, SIZE)))[:, 1:]
    maps = plain(source(images(2, SIZE)))["end"].reshape(2, 16, 8)
    np.testing.assert_allclose(maps, expected, atol=1e-6)


def grid_of_48():
    image = keras.Input((56, 56, 3))
    x = layers.AveragePooling2D(7)(image)
    x = layers.Reshape((48, 4))(x)
    return keras.Model(image, layers.Dense(8, name="tokens")(x))


def test_a_grid_that_is_not_known_is_asked_for():
    with pytest.raises(ValueError, match=r"48 tokens.*`source = .*\(6, 8\)"):
        Source(grid_of_48(), ["tokens"])
    with pytest.raises(ValueError, match=r"No block ends.*tokens=\(6, 8\)"):
        Source(grid_of_48())
    with pytest.raises(ValueError, match="fewer tokens than that grid"):
        Source(grid_of_48(), ["tokens"], tokens=(7, 8))


def test_a_grid_that_was_told_is_kept_in_the_file(tmp_path):
    source = load_source(grid_of_48(), taps=["tokens"], tokens=(6, 8))
    source.save(tmp_path / "told.keras")
    again = load_source(tmp_path / "told.keras")
    assert again.taps == source.taps == (Tap("tokens", 8, 9, tokens=48),)
    pixels = images(1, 56)
    assert again(pixels)["tokens"].shape == (1, 6, 8, 8)
    other = load_source(grid_of_48(), taps=["tokens"], tokens=(8, 6))
    other.set_weights(source.get_weights())
    assert other.fingerprint != source.fingerprint == again.fingerprint


def test_tokens_of_images_of_any_size_are_refused():
    image = keras.Input((None, None, 3))
    x = layers.Conv2D(8, 4, 4)(image)
    network = keras.Model(image, layers.Reshape((-1, 8), name="tokens")(x))
    with pytest.raises(ValueError, match="images of one size only"):
        Source(network, ["tokens"])


def test_candidates_are_named_once_even_where_tokens_are_laid_out():
    found = find_candidates(toy())
    assert names(found)[0] == "patches"
    assert find_candidates(Source(toy()).network) == found
    assert names(find_block_ends(Source(toy()).network)) == TAPS


def test_a_file_gives_the_same_source(tmp_path):
    source = Source(toy())
    source.save(tmp_path / "source.keras")
    again = load_source(tmp_path / "source.keras")
    assert again.taps == source.taps
    assert again.fingerprint == source.fingerprint
    given, expected = (plain(x(images(2, SIZE))) for x in (again, source))
    for name, maps in expected.items():
        np.testing.assert_allclose(given[name], maps, atol=1e-6)


def test_how_many_taps_are_read_is_no_part_of_the_fingerprint():
    source = Source(toy())
    assert source.select(["end_norm"]).fingerprint == source.fingerprint
    assert source.select(["block1_out"]).fingerprint != source.fingerprint


def test_what_was_saved_inside_of_a_block_stays_frozen(tmp_path):
    # TensorFlow does nothing where a frozen layer is frozen again.
    model = SNOWModel.from_source(Source(toy()), 3, **SETTINGS)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    known = [x.shape for x in model.trainable_variables]
    assert [x.shape for x in again.trainable_variables] == known
    assert not any(x.trainable for x in again.source.network.variables)


@pytest.fixture(scope="module")
def trained():
    model = SNOWModel.from_source(Source(toy()), 3, **SETTINGS)
    before = model.source.fingerprint
    model.fit(images(8, SIZE), np.arange(8) % 3, batch_size=4, verbose=0)
    assert model.source.fingerprint == before
    return model


def test_what_is_served_gives_the_logits_of_training(trained):
    served = fold_deltas(trained.source, {"task": trained.delta}, SIZE)
    given = served(images(3, SIZE))["task"]
    expected = trained.predict(images(3, SIZE), verbose=0)
    np.testing.assert_allclose(given, expected, atol=1e-5)


def test_the_tokens_at_the_end_are_laid_out():
    tokens = np.arange(10.0).reshape(1, 5, 2)
    maps = ops.convert_to_numpy(TokenMap((2, 2))(tokens))
    np.testing.assert_array_equal(maps[0, 1], [[6, 7], [8, 9]])
