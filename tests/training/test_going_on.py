"""A slower body, weights of another run, and a head of two layers."""

import numpy as np
import pytest
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_source
from tiny_runs import tiny_task

from keras_snow.baselines import build_method
from keras_snow.training import load_run
from keras_snow.training import train

ONE = RECIPE.replace(epochs=1, warmup_epochs=0.0)


def fine_tune(out=None, recipe=ONE, method="ft", init=None, **settings):
    model = build_method(method, tiny_source(), 3, **settings)
    config = QUIET.replace(init=init and str(init))
    record = train(
        model, tiny_task(), recipe, out=out, image_size=SIZE, config=config
    )
    return model, record


def kernels(model):
    body = model.get_layer("body").network
    return [np.array(body.get_layer(x).kernel) for x in ("early", "late")]


def test_a_body_learns_more_slowly_than_its_head():
    start = kernels(build_method("ft", tiny_source(), 3))
    moved = {}
    for rate in (1.0, 0.01):
        model, record = fine_tune(recipe=ONE.replace(body_rate=rate))
        pairs = zip(kernels(model), start, strict=True)
        moved[rate] = sum(np.abs(now - then).sum() for now, then in pairs)
        assert np.abs(model.get_layer("logits").bias).max() > 1e-3
    assert 0 < moved[0.01] < 0.1 * moved[1.0]
    assert record["settings"]["recipe"]["body_rate"] == 0.01


def test_a_method_without_a_body_has_no_rate_for_it():
    with pytest.raises(ValueError, match="method='fo'|model='final_only'"):
        fine_tune(recipe=ONE.replace(body_rate=0.1), method="fo")


def test_a_run_goes_on_from_the_weights_of_another(tmp_path):
    fine_tune(tmp_path / "one")
    still = ONE.replace(learning_rate=1e-12)
    model, record = fine_tune(tmp_path / "two", still, init=tmp_path / "one")
    first, _ = load_run(tmp_path / "one")
    for now, then in zip(kernels(model), kernels(first), strict=True):
        np.testing.assert_allclose(now, then, atol=1e-7)
    assert len(record["settings"]["init"]) == 64


def test_a_run_of_another_model_or_without_weights_is_refused(tmp_path):
    fine_tune(tmp_path / "one")
    with pytest.raises(ValueError, match="differ in: config"):
        fine_tune(method="scratch", init=tmp_path / "one")
    (tmp_path / "one/checkpoints/best.npz").unlink()
    with pytest.raises(FileNotFoundError, match="checkpoints of this run"):
        fine_tune(init=tmp_path / "one")
    with pytest.raises(FileNotFoundError, match="There is no such folder"):
        fine_tune(init=tmp_path / "nothing")


@pytest.mark.parametrize("method", ["fo", "ft", "ft_last", "scratch"])
def test_a_head_may_have_two_layers(method):
    source = tiny_source()
    model = build_method(method, source, 3, hidden=8)
    assert model.get_layer("hidden").kernel.shape == (32, 8)
    assert model.get_layer("logits").kernel.shape == (8, 3)
    assert model.get_layer("hidden_relu").input is (
        model.get_layer("hidden_bn").output
    )
    with pytest.raises(ValueError, match="hidden=-1"):
        build_method(method, source, 3, hidden=-1)
