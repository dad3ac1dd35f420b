"""Batches are looked at in every form that Keras takes."""

import keras
import numpy as np
import pytest

from keras_snow.models.first_batch import check_data
from keras_snow.models.first_batch import peek

IMAGES = np.arange(2 * 8 * 8 * 3, dtype="float32").reshape(2, 8, 8, 3) % 256
LABELS = np.array([0, 1])


class Batches(keras.utils.PyDataset):
    """One batch, as a form of several parts."""

    def __init__(self, batch):
        super().__init__()
        self.batch = batch

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return self.batch


@pytest.mark.parametrize("form", [tuple, list])
@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("kind", [Batches, lambda batch: [batch]])
def test_the_parts_of_a_batch_may_be_a_tuple_or_a_list(form, parts, kind):
    data = kind(form([IMAGES, LABELS, np.ones(2)][:parts]))
    ((images, labels),) = peek(data)
    np.testing.assert_array_equal(images, IMAGES)
    if parts == 1:
        assert labels is None
    else:
        np.testing.assert_array_equal(labels, LABELS)


def test_labels_in_a_list_are_checked():
    data = Batches([IMAGES, LABELS + 5])
    with pytest.raises(ValueError, match="between 0 and 1"):
        check_data(data, None, None, 2, lambda height, width: None)
