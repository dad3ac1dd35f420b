"""How many episodes a second are scored and trained on, beside `easyfsl`.

    python -m venv beside && beside/bin/pip install keras-snow easyfsl
    OMP_NUM_THREADS=1 beside/bin/python -m benchmarks.episode_rate

Both score 5-way episodes on the same drawn features: easyfsl by its sampler, a
loader and `evaluate`, as its guide does. Both train a Conv4 on 20-way 1-shot
episodes of drawn images of 28 pixels. Rates are per second of processor time,
so that what else the machine does matters little; the middle of several turns.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.parser import parser_of
from keras_snow.core.table import format_table
from keras_snow.data.episodes import EpisodeSampler
from keras_snow.data.episodes import EpisodeShape

CLASSES, IMAGES = 16, 150
WAYS, QUERIES = 5, 15
TRAINED = EpisodeShape(ways=20, shots=1, queries=5)
SIDE, MAPS = 28, 64
Row = dict[str, Any]


def measure(
    sizes: Sequence[int], shots: Sequence[int], episodes: int, turns: int
) -> list[Row]:
    """Returns the rates of both, by what is done.

    Args:
        sizes: Numbers of features.
        shots: Images of each class to learn from.
        episodes: Episodes of a turn of scoring.
        turns: How often each is done; the middle one counts.

    Raises:
        ImportError: If `easyfsl` is not installed.
    """
    _mend_sampler()
    labels = np.repeat(np.arange(CLASSES), IMAGES)
    rows = []
    for size in sizes:
        features = _draw_features(size, labels)
        for few in shots:
            shape = EpisodeShape(WAYS, few, QUERIES)
            rows.append(
                _compare(
                    f"scores, {size} features, {few}-shot",
                    [
                        _scorer(features, labels, shape, episodes),
                        _their_scorer(features, labels, shape, episodes),
                    ],
                    episodes,
                    turns,
                )
            )
    steps = max(2, episodes // 60)
    trainers = [_trainer(steps), _their_trainer(steps)]
    rows.append(_compare("training, Conv4", trainers, steps, turns))
    return rows


def _compare(
    what: str, both: Sequence[Callable[[], None]], episodes: int, turns: int
) -> Row:
    """Times both in turns, after one to warm up."""
    seconds: list[list[float]] = [[], []]
    for turn in range(turns + 1):
        for run, found in zip(both, seconds, strict=True):
            began = time.process_time()
            run()
            if turn:
                found.append(time.process_time() - began)
    ours, theirs = (episodes / statistics.median(x) for x in seconds)
    return {"what": what, "ours": ours, "theirs": theirs}


def _draw_features(size: int, labels: np.ndarray) -> np.ndarray:
    draw = np.random.default_rng(0)
    means = draw.normal(size=(CLASSES, size)) / 5
    noise = draw.normal(size=(len(labels), size))
    return (means[labels] + noise).astype("float32")


def _draw_episode() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns images to learn from and to answer, and classes of the latter."""
    draw = np.random.default_rng(0)
    count = TRAINED.ways * (TRAINED.shots + TRAINED.queries)
    images = draw.uniform(0, 255, (count, SIDE, SIDE, 3)).astype("float32")
    asked = np.repeat(np.arange(TRAINED.ways), TRAINED.queries)
    first = TRAINED.ways * TRAINED.shots
    return images[:first], images[first:], asked.astype("int32")


def _scorer(
    features: np.ndarray, labels: np.ndarray, shape: EpisodeShape, episodes: int
) -> Callable[[], None]:
    from keras_snow.fewshot import score_episodes

    def run() -> None:
        drawn = EpisodeSampler(labels, shape).draw(0, episodes)
        score_episodes(features, drawn)

    return run


def _their_scorer(
    features: np.ndarray, labels: np.ndarray, shape: EpisodeShape, episodes: int
) -> Callable[[], None]:
    import torch
    from easyfsl.datasets import FeaturesDataset
    from easyfsl.methods import PrototypicalNetworks
    from easyfsl.samplers import TaskSampler
    from easyfsl.utils import evaluate

    names = [str(number) for number in range(CLASSES)]
    data = FeaturesDataset(labels.tolist(), torch.tensor(features), names)
    model = PrototypicalNetworks(torch.nn.Identity())

    def run() -> None:
        sampler = TaskSampler(
            data, shape.ways, shape.shots, shape.queries, episodes
        )
        loader = torch.utils.data.DataLoader(
            data,
            batch_sampler=sampler,
            collate_fn=sampler.episodic_collate_fn,
        )
        evaluate(model, loader, device="cpu", use_tqdm=False)

    return run


def _trainer(steps: int) -> Callable[[], None]:
    import keras

    from keras_snow.layers.prototypes import Prototypes
    from keras_snow.pretraining.episode_model import EpisodeModel
    from keras_snow.sources.small import conv4

    model = EpisodeModel(conv4(MAPS), TRAINED, Prototypes(), [], name="ours")
    model.compile(
        keras.optimizers.Adam(1e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    support, queries, asked = _draw_episode()
    images = np.concatenate([support, queries])

    def run() -> None:
        for _ in range(steps):
            model.train_on_batch(images, asked)

    return run


def _their_trainer(steps: int) -> Callable[[], None]:
    import torch
    from easyfsl.methods import PrototypicalNetworks
    from torch import nn

    blocks: list[nn.Module] = []
    for maps in (3, MAPS, MAPS, MAPS):
        blocks += [
            nn.Conv2d(maps, MAPS, 3, padding=1),
            nn.BatchNorm2d(MAPS),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ]
    model = PrototypicalNetworks(nn.Sequential(*blocks, nn.Flatten()))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    support, queries, asked = _draw_episode()
    shown, seen = (
        torch.tensor(x / 255).movedim(-1, 1) for x in (support, queries)
    )
    truth = torch.tensor(asked).long()
    learned = torch.arange(TRAINED.ways).repeat_interleave(TRAINED.shots)

    def run() -> None:
        for _ in range(steps):
            optimizer.zero_grad()
            model.process_support_set(shown, learned)
            nn.functional.cross_entropy(model(seen), truth).backward()
            optimizer.step()

    return run


def _mend_sampler() -> None:
    """Lets torch's sampler take what easyfsl 1.5 passes, and newer ones not."""
    import torch

    torch.set_num_threads(1)
    sampler: Any = torch.utils.data.Sampler
    sampler.__init__ = lambda self, data_source=None: None


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        arguments: Of the command line; `sys.argv` if None.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        rows = measure(given.features, given.shots, given.episodes, given.turns)
    except ImportError as error:
        parser.error(f"easyfsl is needed beside keras-snow: {error}")
    head = ["episodes a second", "easyfsl", "keras-snow", "times"]
    cells = [
        [
            row["what"],
            f"{row['theirs']:,.0f}",
            f"{row['ours']:,.0f}",
            f"{row['ours'] / row['theirs']:.1f}",
        ]
        for row in rows
    ]
    sys.stdout.write(format_table(head, cells) + "\n")


def _parser() -> argparse.ArgumentParser:
    def numbers(text: str) -> tuple[int, ...]:
        return tuple(int(each) for each in text.split(","))

    parser = parser_of("episode_rate", __doc__)
    parser.add_argument("--features", type=numbers, default=(512, 1984))
    parser.add_argument("--shots", type=numbers, default=(1, 5))
    parser.add_argument("--episodes", type=int, default=600)
    parser.add_argument("--turns", type=int, default=5)
    return parser


if __name__ == "__main__":
    main()
