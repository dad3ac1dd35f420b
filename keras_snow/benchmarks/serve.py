"""What an added task costs when many are served from one pass of a source.

    python -m keras_snow.benchmarks.serve --tasks 0,1,5,16 --batch-sizes 1,8 \
        --runtimes tensorflow,openvino --image-size 224 --json serve.json

The source alone and with so many deltas take turns pass by pass, so that what
else the machine does falls on all of them alike; the figures to quote are the
ratios of the medians. Deltas are random, and choose maps at random: a trained
one costs the same. `--forms folded,fo,fe,ft,mp_bn,pn --tasks 6` are the paper's
Table 5. Runtimes that are not installed are skipped with a line; `jax` asks for
`KERAS_BACKEND=jax`, the others for TensorFlow's.
"""

import argparse
import platform
import statistics
import time
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_snow.benchmarks.parser import parser_of
from keras_snow.benchmarks.serve_forms import FORMS
from keras_snow.benchmarks.serve_forms import source_alone
from keras_snow.core.checks import check_choice
from keras_snow.core.checks import check_count
from keras_snow.core.files import write_json
from keras_snow.serving.open_runtime import RUNTIMES
from keras_snow.serving.open_runtime import why_not
from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.sources.networks import load_source
from keras_snow.sources.source import Source

WARM_UP = 2  # Passes that are not measured.


def measure(
    source: Source,
    runtime: str,
    tasks: Sequence[int],
    batch_sizes: Sequence[int],
    image_size: int = 224,
    passes: int = 15,
    form: str = "folded",
) -> list[dict[str, Any]]:
    """Measures passes of a source alone and with tasks, interleaved.

    Args:
        source: The source.
        runtime: A name out of `RUNTIMES`.
        tasks: Numbers of tasks to measure; the source alone is measured, too.
        batch_sizes: Images a pass; one after another, each with all tasks.
        image_size: Pixels of a side.
        passes: Measured passes of each.
        form: A name out of `FORMS`: `"folded"` deltas, or `"plain"` as they
            were trained, or another method of the paper's Table 5.

    Returns:
        A row a batch size and number of tasks: `seconds` (median), `p5`, `p95`,
        `of_source_alone` (its speed, 1 is that of the source), `added_task`
        (what one costs as a share of the source's pass, None without tasks)
        and `task_megabytes` (weights of one).

    Raises:
        ValueError: If a number or a name is out of range.
    """
    counts = sorted({0, *(check_count("tasks", n, 0) for n in tasks)})
    check_count("passes", passes)
    sizes = [check_count("batch_size", size) for size in batch_sizes]
    runners = {}
    weights = {}
    for count in counts:
        model = source_alone(source, image_size)
        if count:
            model = FORMS[form](source, count, image_size)
        weights[count] = sum(int(np.prod(w.shape)) for w in model.weights)
        runners[count] = RUNTIMES[runtime](model)
        runners[count].prepare(sizes)
    rows = []
    for size in sizes:
        shape = (size, image_size, image_size, 3)
        images = np.random.default_rng(0).uniform(0, 255, shape)
        seconds = _take_turns(runners, images.astype("float32"), passes)
        facts = {"runtime": runtime, "batch_size": size, "form": form}
        rows += [facts | row for row in _rows(seconds, weights)]
    return rows


def _take_turns(
    runners: Mapping[int, Runtime], images: np.ndarray, passes: int
) -> dict[int, list[float]]:
    """Returns the seconds of each pass by the number of tasks."""
    seconds: dict[int, list[float]] = {count: [] for count in runners}
    for turn in range(passes + WARM_UP):
        for count, run in runners.items():
            began = time.perf_counter()
            run(images)
            if turn >= WARM_UP:
                seconds[count].append(time.perf_counter() - began)
    return seconds


def _rows(
    seconds: dict[int, list[float]], weights: dict[int, int]
) -> list[dict[str, Any]]:
    alone = statistics.median(seconds[0])
    rows = []
    for count, found in seconds.items():
        median = statistics.median(found)
        more = weights[count] - weights[0]
        rows.append(
            {
                "tasks": count,
                "seconds": median,
                "p5": float(np.percentile(found, 5)),
                "p95": float(np.percentile(found, 95)),
                "of_source_alone": alone / median,
                "added_task": (
                    (median - alone) / alone / count if count else None
                ),
                "task_megabytes": 4e-6 * more / count if count else None,
            }
        )
    return rows


def main(arguments: list[str] | None = None) -> None:
    """Runs the benchmark from the command line.

    Args:
        arguments: The command line, without the program's name.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    rows = []
    try:
        names = _known(given.runtimes, "runtime", list(RUNTIMES))
        forms = _known(given.forms, "form", list(FORMS))
        source = load_source(given.source, weights=None)
        for name in names:
            if problem := why_not(name):
                _print(f"{name}: skipped, {problem}")
                continue
            for form in forms:
                found = measure(
                    source,
                    name,
                    _numbers(given.tasks),
                    _numbers(given.batch_sizes),
                    given.image_size,
                    given.passes,
                    form,
                )
                _tell(found)
                rows += found
    except (ValueError, OSError) as error:
        parser.error(str(error))
    if given.json:
        settings = vars(given) | {
            "backend": keras.backend.backend(),
            "keras": keras.__version__,
            "machine": platform.machine(),
        }
        write_json(given.json, {"settings": settings, "rows": rows})


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("serve", __doc__)
    parser.add_argument("--source", default="resnet50")
    parser.add_argument("--tasks", default="0,1,5,16")
    parser.add_argument("--batch-sizes", default="1,8")
    parser.add_argument("--runtimes", default="tensorflow")
    parser.add_argument("--forms", default="folded")
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--passes", type=int, default=15)
    parser.add_argument("--json", metavar="FILE")
    return parser


def _known(text: str, kind: str, known: list[str]) -> list[str]:
    return [check_choice(kind, name, known) for name in text.split(",")]


def _numbers(text: str) -> list[int]:
    try:
        return [int(each) for each in text.split(",")]
    except ValueError:
        raise ValueError(
            f"Numbers are separated by commas. Received: {text!r}"
        ) from None


def _tell(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        added = row["added_task"]
        cost = "" if added is None else f"  an added task {added:6.1%}"
        if added is not None:
            cost += f"  {row['task_megabytes']:.1f} MB"
        _print(
            f"{row['runtime']:>14}  {row['form']:>6}  batch {row['batch_size']}"
            f"  {row['tasks']:2} tasks  {row['seconds'] * 1e3:8.1f} ms  "
            f"{row['of_source_alone']:5.3f} of the source alone{cost}"
        )


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
