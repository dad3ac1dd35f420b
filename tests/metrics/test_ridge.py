"""Ridge: a closed form that equals fits without the image in question."""

import numpy as np
import pytest

from keras_snow.metrics.ridge import PENALTIES
from keras_snow.metrics.ridge import fit_ridge


def clusters(count=24, views=2, width=40, classes=3, noise=2.0):
    draw = np.random.default_rng(0)
    labels = np.arange(count) % classes
    centres = draw.normal(size=(classes, width))
    images = centres[labels] + noise * draw.normal(size=(count, width))
    shifts = 0.3 * draw.normal(size=(count, views, width))
    return (images[:, None] + shifts).astype("float32"), labels


def direct(features, labels, penalty, norm, prior):
    """Solves the normal equations of centred features and targets."""
    flat = features / norm
    targets = np.eye(3)[labels] - prior
    gram = flat.T @ flat + penalty * np.eye(flat.shape[1])
    return np.linalg.solve(gram, flat.T @ targets) / norm


def test_the_kernel_solves_the_normal_equations():
    features, labels = clusters()
    found = fit_ridge(features, labels, 3, penalties=[0.1])
    flat = features.reshape(-1, 40).astype("float64")
    flat = flat - flat.mean(axis=0)
    norm = np.sqrt((flat**2).sum() / len(flat))
    repeated = labels.repeat(2)
    prior = np.eye(3)[repeated].mean(axis=0)
    expected = direct(flat, repeated, 0.1, norm, prior)
    scale = found.kernel.ravel() @ expected.ravel() / (expected**2).sum()
    np.testing.assert_allclose(found.kernel, scale * expected, atol=1e-4)
    assert scale > 1.0


def test_an_image_is_judged_by_a_fit_without_any_of_its_views():
    features, labels = clusters(noise=3.0)
    found = fit_ridge(features, labels, 3, penalties=[0.1])
    flat = features.reshape(-1, 40).astype("float64")
    norm = np.sqrt(((flat - flat.mean(axis=0)) ** 2).sum() / len(flat))
    right = []
    for image in range(len(labels)):
        others = np.delete(features, image, axis=0).reshape(-1, 40)
        known = np.delete(labels, image).repeat(2)
        # Mean and bias are those of the others, as well.
        mean, prior = others.mean(axis=0), np.eye(3)[known].mean(axis=0)
        kernel = direct(others - mean, known, 0.1, norm, prior)
        scores = (features[image, 0] - mean) @ kernel + prior
        right.append(scores.argmax() == labels[image])
    assert 0.4 < np.mean(right) < 1.0
    assert found.accuracy == pytest.approx(np.mean(right))


def test_with_the_least_penalty_left_out_images_of_noise_are_guessed():
    draw = np.random.default_rng(0)
    features = draw.normal(size=(90, 2, 400)).astype("float32")
    labels = draw.permutation(90) % 3
    found = fit_ridge(features, labels, 3, penalties=[PENALTIES[-1]])
    assert found.accuracy < 0.5


def test_logits_are_a_classifier_of_the_features_as_given():
    features, labels = clusters(noise=0.3)
    found = fit_ridge(7.0 * features + 5.0, labels, 3)
    logits = found.logits(7.0 * features[:, 0] + 5.0)
    assert (logits.argmax(axis=1) == labels).all()
    assert logits.max() > 2.0


def test_noise_asks_for_a_larger_penalty():
    clear = fit_ridge(*clusters(count=60, noise=0.2), 3)
    noisy = fit_ridge(*clusters(count=60, noise=6.0), 3)
    assert noisy.penalty > clear.penalty
    assert noisy.loss > clear.loss
