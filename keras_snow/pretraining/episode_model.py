"""EpisodeModel: a network whose features are compared with prototypes."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers
from keras import ops

from keras_snow.data.episodes import EpisodeShape
from keras_snow.layers.prototypes import Prototypes


class EpisodeModel(keras.Model):
    """Answers the queries of an episode by the prototypes of its support.

    Args:
        body: From raw RGB to maps.
        shape: How large an episode is.
        prototypes: Compares features.
        embedding: Layers between the pooled maps and what is compared.
        **kwargs: `name` of `keras.Model`.

    Call arguments:
        - `inputs`: Raw RGB, the support images of each class, then the queries
            of each class: `(ways * (shots + queries), height, width, 3)`.

    Output shape:
        `(ways * queries, ways)`, logits

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> body = keras.Model(image, layers.Conv2D(8, 3)(image))
        >>> shape = EpisodeShape(ways=2, shots=1, queries=3)
        >>> model = EpisodeModel(body, shape, Prototypes())
        >>> tuple(model(np.zeros((8, 16, 16, 3))).shape)
        (6, 2)
    """

    def __init__(
        self,
        body: keras.Model,
        shape: EpisodeShape,
        prototypes: Prototypes,
        embedding: Sequence[layers.Layer] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.body = body
        self.shape = shape
        self.pool = layers.GlobalAveragePooling2D(name="pool")
        self.embedding = list(embedding)
        self.prototypes = prototypes
        size = body.output_shape[-1]
        for layer in self.embedding:
            layer.build((None, size))
            (_, size) = layer.compute_output_shape((None, size))
        prototypes.build(
            (1, shape.ways, shape.shots, size),
            (1, shape.ways * shape.queries, size),
        )
        self.built = True

    def call(self, images, training=None):
        features = self.features(images, training)
        ways, shots, queries = self.shape.ways, self.shape.shots, -1
        first = ways * shots
        support = ops.reshape(features[:first], (1, ways, shots, -1))
        asked = ops.reshape(features[first:], (1, queries, features.shape[-1]))
        return self.prototypes(support, asked, training=training)[0]

    def features(self, images: Any, training: bool | None = None) -> Any:
        """Returns what is compared of each image, `(images, features)`.

        Args:
            images: Raw RGB.
            training: Whether to normalise by the images' own statistics.
        """
        x = self.pool(self.body(images, training=training))
        for layer in self.embedding:
            x = layer(x)
        return x

    def compute_output_shape(self, input_shape):
        self.body.compute_output_shape(input_shape)
        return (self.shape.ways * self.shape.queries, self.shape.ways)
