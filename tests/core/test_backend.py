"""A backend that can't be used is named with what to do about it."""

import pytest

from keras_snow.core.backend import require_backend


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        ("torch", "does not support Keras' PyTorch backend.*tensorflow or jax"),
        ("numpy", "does not support Keras' NumPy backend"),
        ("tensorfow", "Did you mean `tensorflow`"),
        ("Jaxx", "Did you mean `jax`"),
    ],
)
def test_a_backend_that_cannot_be_used(monkeypatch, backend, words):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    with pytest.raises(ImportError, match=words):
        require_backend()
