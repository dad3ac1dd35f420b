"""What an added task costs when many are served from one pass of a source.

    python -m benchmarks.serve --tasks 0,1,5,16 --batch-sizes 1,8 \
        --runtimes tensorflow,openvino --image-size 224 --json serve.json

The source alone and with so many deltas, in all runtimes, take turns pass by
pass, so that what else the machine does falls on all of them alike; the figures
to quote are the ratios of the medians. Deltas are random, and choose maps at
random: a trained one costs the same. `--forms folded,fo,fe,ft,mp_bn,pn
--tasks 6` are the paper's Table 5. Runtimes that are not installed are skipped
with a line; `jax` asks for `KERAS_BACKEND=jax`, the others for TensorFlow's.
"""

import argparse
import itertools
import platform
import statistics
import time
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

import keras
import numpy as np

from benchmarks.parser import parser_of
from benchmarks.serve_forms import FORMS
from benchmarks.serve_forms import source_alone
from keras_snow.core.checks import check_choice
from keras_snow.core.checks import check_count
from keras_snow.core.files import write_json
from keras_snow.serving.open_runtime import RUNTIMES
from keras_snow.serving.open_runtime import why_not
from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.sources.networks import load_source
from keras_snow.sources.origin import without_download
from keras_snow.sources.source import Source

WARM_UP = 2  # Passes that are not measured.


class _Runner(NamedTuple):
    """A runtime that is ready, and what it costs to keep."""

    runtime: Runtime
    weights: int


# Runtime, form and number of tasks; without tasks all forms are one.
_Key = tuple[str, str, int]


def measure(
    source: Source,
    runtimes: Sequence[str],
    tasks: Sequence[int],
    batch_sizes: Sequence[int],
    image_size: int = 224,
    passes: int = 15,
    forms: Sequence[str] = ("folded",),
) -> Iterator[dict[str, Any]]:
    """Measures passes of a source alone and with tasks, interleaved.

    Args:
        source: The source.
        runtimes: Names out of `RUNTIMES`.
        tasks: Numbers of tasks to measure; the source alone is measured, too.
        batch_sizes: Images a pass; one after another, each with everything
            else.
        image_size: Pixels of a side.
        passes: Measured passes of each.
        forms: Names out of `FORMS`: `"folded"` deltas, or `"plain"` as they
            were trained, or other methods of the paper's Table 5.

    Yields:
        A row a batch size, runtime, form and number of tasks: `seconds`
        (median), `p5`, `p95`, `of_source_alone` (its speed, 1 is that of the
        source), `added_task` (what one costs as a share of the source's pass,
        None without tasks) and `task_megabytes` (weights of one).

    Raises:
        ValueError: If a number or a name is out of range.
    """
    counts = sorted({0, *(check_count("tasks", n, 0) for n in tasks)})
    check_count("passes", passes)
    sizes = [check_count("batch_size", size) for size in batch_sizes]
    runners: dict[_Key, _Runner] = {}
    for count, form in itertools.product(counts, forms):
        if not count and form != forms[0]:
            continue
        model = (
            FORMS[form](source, count, image_size)
            if count
            else source_alone(source, image_size)
        )
        weights = sum(int(np.prod(w.shape)) for w in model.weights)
        for name in runtimes:
            runtime = RUNTIMES[name](model)
            runtime.prepare(sizes)
            runners[name, form, count] = _Runner(runtime, weights)
    for size in sizes:
        shape = (size, image_size, image_size, 3)
        images = np.random.default_rng(0).uniform(0, 255, shape)
        seconds = _take_turns(runners, images.astype("float32"), passes)
        for name, form in itertools.product(runtimes, forms):
            for row in _rows(runners, seconds, name, (forms[0], form)):
                yield {"batch_size": size, **row}


def _take_turns(
    runners: Mapping[_Key, _Runner], images: np.ndarray, passes: int
) -> dict[_Key, list[float]]:
    """Returns the seconds of each pass."""
    seconds: dict[_Key, list[float]] = {key: [] for key in runners}
    for turn in range(passes + WARM_UP):
        for key, runner in runners.items():
            began = time.perf_counter()
            runner.runtime(images)
            if turn >= WARM_UP:
                seconds[key].append(time.perf_counter() - began)
    return seconds


def _rows(
    runners: Mapping[_Key, _Runner],
    seconds: Mapping[_Key, list[float]],
    name: str,
    forms: tuple[str, str],
) -> list[dict[str, Any]]:
    """Returns the rows of a runtime and the second form."""
    first, form = forms
    base = name, first, 0
    alone = statistics.median(seconds[base])
    rows = []
    for key, found in seconds.items():
        count = key[2]
        if key[:2] != (name, form) and key != base:
            continue
        median = statistics.median(found)
        more = runners[key].weights - runners[base].weights
        rows.append(
            {
                "runtime": name,
                "form": form,
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
        source = load_source(given.source, without_download(given.source))
        installed = []
        for name in names:
            if problem := why_not(name):
                _print(f"{name}: skipped, {problem}")
            else:
                installed.append(name)
        for row in measure(
            source,
            installed,
            _numbers(given.tasks),
            _numbers(given.batch_sizes),
            given.image_size,
            given.passes,
            forms,
        ):
            _tell(row)
            rows.append(row)
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


def _tell(row: dict[str, Any]) -> None:
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
