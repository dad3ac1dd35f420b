"""The ablation of SNOW's choices."""

import numpy as np
import pytest

from keras_snow.benchmarks import ablation
from tests.toys import residual_network


@pytest.mark.slow
def test_trains_each_variant_and_tells_its_accuracy(tmp_path, capsys):
    draw = np.random.default_rng(0)
    images = draw.integers(0, 255, (60, 32, 32, 3)).astype("uint8")
    np.savez(tmp_path / "task.npz", images=images, labels=np.arange(60) % 3)
    residual_network().save(tmp_path / "source.keras")
    rows = ablation.run(
        str(tmp_path / "task.npz"),
        str(tmp_path / "source.keras"),
        ["slots"],
        tmp_path / "out",
        ablation.Study(image_size=32, epochs=1),
    )
    assert [row["variant"] for row in rows] == ["slots"]
    assert 0.0 <= rows[0]["top1"] <= 1.0
    assert "slots" in capsys.readouterr().out


def test_an_unknown_variant_names_the_nearest(tmp_path):
    with pytest.raises(ValueError, match="Did you mean `rank`"):
        ablation.run("x.npz", "resnet50", ["rnk"], tmp_path, ablation.Study())
