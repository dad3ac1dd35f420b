"""Prototypes on Omniglot: training on episodes, scored on unseen alphabets.

    python -m benchmarks.omniglot_study omniglot242.npz

FILE holds `images`, `(characters, drawings, 28, 28)` with 255 for ink, and
`names`, "Alphabet/character". Characters of the unseen alphabets are kept for
scoring; the others, turned by quarters as characters of their own, are trained
on. One network for each distance, with an MLP behind it and without. What is
finished is not trained again.

With `--read` each network is then a frozen source: its features are compared by
every distance of `keras-snow fewshot`, at 1, 5 and 10 shots of 5, 10 and 20
ways.
"""

import argparse
import dataclasses
import itertools
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.parser import parser_of
from keras_snow.core.files import PathLike
from keras_snow.core.files import write_json
from keras_snow.core.table import format_table
from keras_snow.data.array_store import ArrayStore
from keras_snow.data.split import Split
from keras_snow.data.split import whole
from keras_snow.data.task import Task
from keras_snow.fewshot import FewShotOptions
from keras_snow.fewshot import few_shot
from keras_snow.fewshot.rows import format_study
from keras_snow.fewshot.scoring import DISTANCES
from keras_snow.pretraining import Episodes
from keras_snow.pretraining import pretrain
from keras_snow.sources import load_source
from keras_snow.training.options import TrainingOptions

UNSEEN = ("Sanskrit", "Tagalog", "Early_Aramaic")
SIDE, MARGIN = 28, 2  # Evaluation crops 28 of 32 pixels: nothing is lost.
Row = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Study:
    """What is trained, and how.

    Args:
        network: As of `Pretext`.
        distances: As of `Prototypes`.
        mlps: Units of the layers behind the network; 0 for none.
        ways: Classes of an episode of training.
        shots: Images of each to learn from.
        queries: Images of each to answer.
        epochs: Of a hundred episodes.
        seeds: How many networks of each kind.

    Examples:
        >>> Study().distances
        ('euclidean',)
    """

    network: str = "conv4"
    distances: Sequence[str] = ("euclidean",)
    mlps: Sequence[int] = (0,)
    ways: int = 20
    shots: int = 1
    queries: int = 5
    epochs: int = 60
    seeds: int = 1

    @property
    def kinds(self) -> list[tuple[str, int, int]]:
        """Distance, MLP and seed of each network."""
        seeds = range(self.seeds)
        return [*itertools.product(self.distances, self.mlps, seeds)]

    @property
    def names(self) -> list[str]:
        """Folder of each network."""
        return [
            f"{distance}-{mlp}-{self.shots}-{seed}"
            for distance, mlp, seed in self.kinds
        ]


def read_omniglot(path: PathLike) -> Task:
    """Returns training characters and those of unseen alphabets, to test.

    Args:
        path: The file.

    Raises:
        OSError: If it can't be read.
        ValueError: If it lacks the arrays, or the unseen alphabets.
    """
    with np.load(path, allow_pickle=False) as arrays:
        if not {"images", "names"} <= set(arrays.files):
            raise ValueError(
                "The file must hold `images` and `names`. "
                f"Received: path={str(path)!r} with {arrays.files}"
            )
        drawn, names = arrays["images"], arrays["names"].tolist()
    frame = (MARGIN, MARGIN)
    drawn = np.pad(drawn, ((0, 0), (0, 0), frame, frame))
    unseen = np.array([name.split("/")[0] in UNSEEN for name in names])
    if not 0 < unseen.sum() < len(unseen):
        raise ValueError(
            f"Characters of {', '.join(UNSEEN)} and of other alphabets are "
            f"needed. Received: path={str(path)!r}"
        )
    base = [np.rot90(drawn[~unseen], turns, (2, 3)) for turns in range(4)]
    train = _split(np.concatenate(base), 0)
    test = _split(drawn[unseen], 4 * int((~unseen).sum()))
    classes = 4 * int((~unseen).sum()) + int(unseen.sum())
    known = [str(number) for number in range(classes)]
    return Task("omniglot", known, {"train": train, "test": test})


def run(path: PathLike, out: PathLike, study: Study) -> list[Row]:
    """Trains what is missing and returns a row for each kind of episode.

    Args:
        path: The file with the drawings.
        out: Where all is kept.
        study: What is trained, and how.

    Returns:
        What `score_episodes` returns, with `distance`, `mlp`, `seed` and the
        `seconds` of training.

    Raises:
        OSError: If the file can't be read.
        ValueError: If it does not hold what it should.
    """
    task = read_omniglot(path)
    rows = []
    for name, (distance, mlp, seed) in zip(
        study.names, study.kinds, strict=True
    ):
        pretext = Episodes(
            study.network,
            ways=study.ways,
            shots=study.shots,
            queries=study.queries,
            distance=distance,
            mlp=mlp,
        )
        record = pretrain(
            pretext,
            task,
            pretext.recipe.replace(epochs=study.epochs),
            out=pathlib.Path(out) / name,
            image_size=SIDE,
            seed=seed,
            config=TrainingOptions(cache="memory", verbose=False),
        )
        told = {"distance": distance, "mlp": mlp, "seed": seed}
        told["seconds"] = record["seconds"]
        shapes = record["results"]["test"]["shapes"]
        rows += [{**told, **each} for each in shapes]
    return rows


def read_networks(
    path: PathLike, out: PathLike, study: Study
) -> dict[str, dict[str, Any]]:
    """Scores features of the trained networks by every distance.

    Args:
        path: As of `run`, and so are the others.
        out: Where all is kept.
        study: What was trained.

    Returns:
        The record of `few_shot` of each network.
    """
    task = read_omniglot(path)
    seen, unseen = task.split("train"), task.split("test")
    first = int(seen.labels.max()) + 1
    new = Split(unseen.store, unseen.indices, unseen.labels - first)
    sets = {
        "base": Task("base", task.class_names[:first], {"train": seen}),
        "novel": Task("novel", task.class_names[first:], {"train": new}),
    }
    options = FewShotOptions(
        ways=(5, 10, 20),
        shots=(1, 5, 10),
        queries=10,
        features=("last",),
        distances=DISTANCES,
        image_size=SIDE,
        verbose=False,
    )
    return {
        name: few_shot(
            sets,
            load_source(pathlib.Path(out) / name),
            pathlib.Path(out) / f"{name}-read",
            options,
        )
        for name in study.names
    }


def format_rows(rows: Sequence[Row]) -> str:
    """Returns a table: a line a network, a column a kind of episode.

    Args:
        rows: What `run` returned.
    """
    names = ("distance", "mlp", "seed")
    shapes = list(dict.fromkeys((row["ways"], row["shots"]) for row in rows))
    lines: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        line = lines.setdefault(tuple(row[name] for name in names), [])
        half = 100 * (row["high"] - row["low"]) / 2
        line.append(f"{100 * row['top1']:.1f} ± {half:.1f}")
    head = [*names, *(f"{ways}-way {shots}-shot" for ways, shots in shapes)]
    cells = [[*map(str, line), *lines[line]] for line in lines]
    return format_table(head, cells, left=len(names))


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        arguments: Of the command line; `sys.argv` if None.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    fields = [field.name for field in dataclasses.fields(Study)]
    study = Study(**{name: getattr(given, name) for name in fields})
    try:
        rows = run(given.file, given.out, study)
    except (OSError, TypeError, ValueError) as error:
        parser.error(str(error))
    write_json(pathlib.Path(given.out) / "rows.json", rows)
    sys.stdout.write(format_rows(rows) + "\n")
    if given.read:
        for name, record in read_networks(given.file, given.out, study).items():
            sys.stdout.write(f"\n{name}\n\n{format_study(record)}\n")


def _parser() -> argparse.ArgumentParser:
    def several(kind: type) -> Any:
        return lambda text: tuple(kind(each) for each in text.split(","))

    parser = parser_of("omniglot_study", __doc__)
    parser.add_argument("file")
    parser.add_argument("--out", default="omniglot")
    parser.add_argument(
        "--read", action="store_true", help="compare their features, too"
    )
    kinds: dict[str, Any] = {"distances": several(str), "mlps": several(int)}
    for field in dataclasses.fields(Study):
        kind = kinds.get(field.name, type(field.default))
        parser.add_argument(f"--{field.name}", type=kind, default=field.default)
    return parser


def _split(drawn: np.ndarray, first: int) -> Split:
    """Returns drawings as RGB images, each character a class."""
    characters, drawings, height, width = drawn.shape
    grey = drawn.reshape(-1, height, width, 1)
    labels = np.repeat(np.arange(characters), drawings) + first
    return whole(ArrayStore(np.repeat(grey, 3, axis=-1)), labels)


if __name__ == "__main__":
    main()
