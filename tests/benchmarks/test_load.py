"""The benchmark of a server under load."""

import json

import pytest

from benchmarks import load
from keras_snow.serving import Bundle
from tests.serving.fake_engines import use_fake_engines
from tests.serving.toy_bundles import toy_delta
from tests.serving.toy_bundles import toy_source


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    bundle = Bundle(toy_source())
    bundle.add("birds", toy_delta(bundle.source), image_size=32)
    folder = tmp_path_factory.mktemp("loaded") / "shop"
    bundle.save(folder)
    return str(folder)


@pytest.mark.parametrize("body", load.BODIES)
def test_a_server_is_measured_beside_its_runtime(
    shop, body, tmp_path, monkeypatch, capsys
):
    use_fake_engines(monkeypatch)
    out = tmp_path / "load.json"
    load.main(
        f"{shop} --concurrency 2 --seconds 0.2 --rounds 2 --body {body} "
        f"--json {out}".split()
    )
    (row,) = json.loads(out.read_text())["rows"]
    assert set(row["statuses"]) == {"200"}
    assert 0 < row["p50"] <= row["p99"]
    assert row["of_bare"] > 0
    assert len(row["megabytes"]) == 2
    assert "concurrency  2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--body", "tensr"], "Did you mean `tensor`"),
        (["--concurrency", "0"], "concurrency=0"),
        (["--runtime", "openvin"], "Did you mean `openvino`"),
    ],
)
def test_bad_input_ends_with_code_2(shop, capsys, options, words):
    with pytest.raises(SystemExit) as ended:
        load.main([shop, *options])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
