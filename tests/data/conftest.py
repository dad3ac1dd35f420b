"""Small folders of images, drawn for a test."""

import numpy as np
import pytest
from PIL import Image


def noise(height=24, width=32, seed=0):
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, (height, width, 3), dtype="uint8")


@pytest.fixture
def write_classes():
    """Writes `{class: count}` as PNG files below a folder."""

    def write(folder, counts, start=0):
        for number, (name, count) in enumerate(counts.items()):
            place = folder / name
            place.mkdir(parents=True)
            for index in range(count):
                pixels = noise(seed=start + 1000 * number + index)
                Image.fromarray(pixels).save(place / f"{index:03}.png")
        return folder

    return write


@pytest.fixture
def two_classes(tmp_path, write_classes):
    """One tree: ten cats and ten dogs."""
    return write_classes(tmp_path / "pets", {"cat": 10, "dog": 10})
