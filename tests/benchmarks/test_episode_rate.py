"""The rates beside easyfsl: what is refused, and what a row is."""

import importlib.util

import pytest

from benchmarks import episode_rate

pytestmark = pytest.mark.once
TINY = ["--features", "8", "--shots", "1,2", "--episodes", "6", "--turns", "1"]


@pytest.mark.skipif(
    bool(importlib.util.find_spec("easyfsl")), reason="easyfsl is there"
)
def test_what_is_missing_is_said(capsys):
    with pytest.raises(SystemExit):
        episode_rate.main(TINY)
    assert "easyfsl is needed beside keras-snow" in capsys.readouterr().err


def test_a_row_is_what_both_do(monkeypatch, capsys):
    monkeypatch.setattr(episode_rate, "_mend_sampler", lambda: None)
    monkeypatch.setattr(episode_rate, "_their_scorer", episode_rate._scorer)
    for name in ("_trainer", "_their_trainer"):
        monkeypatch.setattr(
            episode_rate, name, lambda steps: lambda: sum(range(1000 * steps))
        )
    episode_rate.main(TINY)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == [
        "| scores, 8 features, 1-shot",
        "| scores, 8 features, 2-shot",
        "| training, Conv4",
    ]
