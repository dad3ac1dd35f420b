"""Whatever form the data comes in: the same images, labels and splits."""

import pytest

from keras_snow.data import load_task
from tests.contracts.forms import FORMS
from tests.contracts.forms import draw

pytestmark = pytest.mark.once
DATA = draw()
WHOLE = {"validation": 0, "test": 0}


def seen(examples):
    """Pixels and class number of each, in an order of their own."""
    return sorted((pixels.tobytes(), int(label)) for pixels, label in examples)


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_images_labels_and_splits(name, tmp_path):
    write, other, options = FORMS[name]
    data = DATA if other else {"train": DATA["train"]}
    task = load_task(str(write(tmp_path, data)), **WHOLE, **options)
    expected = {"train": DATA["train"]}
    if other:
        expected[other] = DATA["test"]
    assert set(task.splits) == set(expected)
    assert task.num_classes == 3
    for split, examples in expected.items():
        part = task.split(split)
        read = [
            (part.read(index), part.labels[index]) for index in range(len(part))
        ]
        assert seen(read) == seen(examples), split
