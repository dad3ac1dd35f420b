"""A compile of the user: losses and metrics read logits, or are refused."""

import keras
import numpy as np
import pytest
from keras import losses
from keras import metrics
from keras import ops

from keras_snow.baselines import build_method
from keras_snow.models import Classifier
from keras_snow.models.logits import of_logits
from tests.toys import images
from tests.toys import residual_network

pytestmark = pytest.mark.once

LABELS = np.array([0, 2, 1])
LOGITS = np.random.default_rng(0).normal(size=(3, 3)).astype("float32") * 4
CHANCES = ops.convert_to_numpy(ops.softmax(LOGITS))
ROWS = np.eye(3, dtype="float32")[LABELS]


class Own(losses.Loss):
    """A user's loss that can read both."""

    def __init__(self, from_logits=False, **kwargs):
        super().__init__(**kwargs)
        self.from_logits = from_logits

    def call(self, y, answers):
        return ops.categorical_crossentropy(y, answers, self.from_logits)


class OwnConfigured(Own):
    """One whose configuration says so."""

    def get_config(self):
        return {**super().get_config(), "from_logits": self.from_logits}


class Normalised(losses.CategoricalCrossentropy):
    """One that makes probabilities itself."""

    def call(self, y, logits):
        return super().call(y, ops.softmax(logits))


class PrecisionOfLogits(metrics.Precision):
    """A metric that makes probabilities itself."""

    def update_state(self, y, logits, weights=None):
        return super().update_state(y, ops.softmax(logits), weights)


def value(loss, labels, answers):
    loss = losses.get(loss)
    if isinstance(loss, metrics.Metric):
        loss.update_state(labels, answers)
        return float(loss.result())
    return float(ops.mean(loss(labels, answers)))


@pytest.mark.parametrize(
    ("loss", "labels"),
    [
        ("sparse_categorical_crossentropy", LABELS),
        ("SparseCategoricalCrossentropy", LABELS),
        (losses.SparseCategoricalCrossentropy, LABELS),
        (losses.sparse_categorical_crossentropy, LABELS),
        (losses.CategoricalCrossentropy(label_smoothing=0.1), ROWS),
        (losses.CategoricalFocalCrossentropy(gamma=3.0), ROWS),
        (Own(), ROWS),
        (OwnConfigured(), ROWS),
    ],
)
def test_a_loss_of_probabilities_reads_logits(loss, labels):
    with pytest.warns(UserWarning, match="answers logits.*from_logits=True"):
        found = of_logits({"loss": loss})["loss"]
    expected = value(loss, labels, CHANCES)
    assert value(found, labels, LOGITS) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("loss", ["bce", losses.BinaryFocalCrossentropy()])
def test_a_binary_loss_reads_the_logits_of_sigmoids(loss):
    with pytest.warns(UserWarning, match="from_logits=True"):
        found = of_logits({"loss": [loss]})["loss"]
    expected = value(loss, ROWS, ops.sigmoid(LOGITS))
    assert value(found[0], ROWS, LOGITS) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("metric", "labels"),
    [
        ("sparse_categorical_crossentropy", LABELS),
        (losses.sparse_categorical_crossentropy, LABELS),
        (metrics.SparseCategoricalCrossentropy(name="mine"), LABELS),
        (metrics.CategoricalCrossentropy(), ROWS),
        (losses.categorical_focal_crossentropy, ROWS),
    ],
)
@pytest.mark.parametrize("kind", ["metrics", "weighted_metrics"])
def test_a_metric_of_probabilities_reads_logits(metric, labels, kind):
    options = {"loss": "mse", kind: {"delta": ["accuracy", metric]}}
    with pytest.warns(UserWarning, match=f"{kind}=.keras.metrics"):
        accuracy, found = of_logits(options)[kind]["delta"]
    assert accuracy == "accuracy"
    reference = metrics.get(metric)
    if not isinstance(reference, metrics.Metric):
        reference = metrics.MeanMetricWrapper(reference, reference.__name__)
    assert found.name == reference.name
    assert value(found, labels, LOGITS) == pytest.approx(
        value(reference, labels, CHANCES), rel=1e-4
    )


@pytest.mark.parametrize(
    "metric",
    ["binary_accuracy", metrics.BinaryAccuracy(threshold=0.7), metrics.AUC()],
)
def test_metrics_beside_a_binary_loss_read_the_logits_of_sigmoids(metric):
    loss = losses.BinaryCrossentropy(from_logits=True)
    with pytest.warns(UserWarning, match="threshold=|from_logits=True"):
        (found,) = of_logits({"loss": loss, "metrics": [metric]})["metrics"]
    expected = value(metrics.get(metric), ROWS, ops.sigmoid(LOGITS))
    assert value(found, ROWS, LOGITS) == pytest.approx(expected, rel=1e-3)


def own_crossentropy(y, answers, from_logits=False):
    return ops.categorical_crossentropy(y, answers, from_logits)


@pytest.mark.parametrize(
    ("kind", "given", "line"),
    [
        ("loss", "kl_divergence", "losses.kl_divergence(y, keras.ops.softmax"),
        ("loss", losses.Poisson(), "losses.poisson(y, keras.ops.softmax"),
        ("loss", losses.Dice(), "Write `loss=lambda y, logits: keras.losses"),
        ("loss", "crossentropy", "SparseCategoricalCrossentropy(from_logits"),
        ("loss", own_crossentropy, "own_crossentropy(y, logits, from_logits="),
        ("metrics", "kl_divergence", "Write `metrics=[lambda y, logits: "),
        ("metrics", metrics.AUC(), "class AUCOfLogits(keras.metrics.AUC)"),
        ("metrics", metrics.Recall(), "class RecallOfLogits(keras.metrics"),
        ("metrics", metrics.F1Score(threshold=0.5), "class F1ScoreOfLogits"),
    ],
)
def test_what_cannot_read_logits_is_refused_with_the_line(kind, given, line):
    options = {"loss": "mse", kind: [given]}
    with pytest.raises(ValueError, match="expects probabilities") as error:
        of_logits(options)
    assert line in str(error.value)


@pytest.mark.parametrize(
    ("loss", "metric"),
    [
        (losses.SparseCategoricalCrossentropy(from_logits=True), "accuracy"),
        ("mse", metrics.SparseTopKCategoricalAccuracy(2)),
        ("categorical_hinge", metrics.F1Score()),
        (Normalised(), PrecisionOfLogits()),
        (Own(from_logits=True), metrics.Precision(top_k=1)),
        (
            lambda y, logits: ops.mean(logits),
            metrics.BinaryAccuracy(threshold=0.0),
        ),
        (None, metrics.CategoricalCrossentropy(from_logits=True)),
    ],
)
def test_what_reads_logits_is_left_alone(loss, metric):
    found = of_logits({"loss": loss, "metrics": [metric]})
    assert found["loss"] is loss
    assert found["metrics"][0] is metric


def test_the_line_that_every_keras_user_writes_learns():
    image = keras.Input((32, 32, 3))
    x = keras.layers.Rescaling(1 / 255)(image)
    x = keras.layers.Flatten()(keras.layers.AveragePooling2D(4)(x))
    model = Classifier(
        image, keras.layers.Dense(3, kernel_initializer="zeros")(x)
    )
    with pytest.warns(UserWarning, match="from_logits=True") as found:
        model.compile("adam", "sparse_categorical_crossentropy")
    ours = [x for x in found if "answers logits" in str(x.message)]
    assert [x.filename for x in ours] == [__file__]
    x, y = images(48), np.arange(48) % 3
    x[np.arange(48), :, :, y] /= 2
    history = model.fit(x, y, batch_size=16, epochs=6, verbose=0).history
    assert history["loss"][0] > 0.5
    assert history["loss"][-1] < 0.95 * history["loss"][0]


@pytest.mark.parametrize("method", ["fo", "probe_last", "lf"])
def test_methods_read_logits_too(method, tmp_path):
    model = build_method(method, residual_network(), 3)
    with pytest.warns(UserWarning, match="from_logits=True"):
        model.compile("sgd", "sparse_categorical_crossentropy")
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert type(again) is type(model)
    assert isinstance(again, Classifier) == (method == "fo")
    assert losses.serialize(again.loss)["config"]["from_logits"]
