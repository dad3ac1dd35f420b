"""A source that was made here is shared and served as any other."""

import numpy as np

from keras_snow.baselines import build_method
from keras_snow.serving import Bundle
from keras_snow.training import load_run
from keras_snow.training import train
from tests.pretraining.tiny_pretexts import RECIPE
from tests.pretraining.tiny_pretexts import run
from tests.pretraining.tiny_pretexts import tiny_network
from tests.serving.http_requests import picture
from tests.toys import SETTINGS
from tests.training.tiny_runs import QUIET
from tests.training.tiny_runs import SIZE
from tests.training.tiny_runs import tiny_task


def test_a_task_on_a_pre_trained_source_is_served_from_a_bundle(
    open_client, tmp_path
):
    tiny_network().save(tmp_path / "tiny.keras")
    once = RECIPE.replace(epochs=1)
    run("labels", tmp_path / "tiny.keras", tmp_path / "pre", once)
    source = str(tmp_path / "pre")
    train(
        lambda: build_method("snow", source, 3, **SETTINGS),
        tiny_task(),
        once,
        out=tmp_path / "snow",
        image_size=SIZE,
        config=QUIET.replace(source=source),
    )
    bundle = Bundle(source)
    bundle.add("colours", str(tmp_path / "snow"))
    images = np.random.default_rng(0).uniform(0, 255, (2, SIZE, SIZE, 3))
    model, settings = load_run(tmp_path / "snow")
    assert settings["source"] == source
    bundle.save(tmp_path / "shop")
    # Deltas are packed to 16 bits.
    logits = Bundle.load(tmp_path / "shop")(images)["colours"]
    np.testing.assert_allclose(logits, model(images), atol=1e-3)
    client = open_client(tmp_path / "shop")
    found = client.post("/predict", content=picture()).json()["tasks"]
    assert found["colours"]["predictions"][0]["class"] == "0"
