"""What a server answers under load, beside its bare runtime.

    python -m benchmarks.load BUNDLE --concurrency 1,16 \
        --seconds 10 --rounds 3 --body tensor --json load.json

The load comes from a second process over the loopback. It takes turns with the
runtime alone, called in a loop with batches of the same size, so that what else
the machine does falls on both alike; the figure to quote is their ratio. Memory
is the server process' resident set after each turn.
"""

import argparse
import io
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.parser import parser_of
from keras_snow.core.checks import check_choice
from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_not_negative
from keras_snow.core.extras import require
from keras_snow.core.files import write_json
from keras_snow.serving.deviation import draw_images
from keras_snow.serving.http.serve import MODULES
from keras_snow.serving.http.server_options import ServerOptions
from keras_snow.serving.runtimes.runtime import Runtime

BODIES = ("tensor", "image")


def measure(
    folder: str,
    options: ServerOptions,
    concurrency: Sequence[int] = (1, 16),
    seconds: float = 10.0,
    rounds: int = 3,
    body: str = "tensor",
) -> list[dict[str, Any]]:
    """Measures a server under load, in turns with its bare runtime.

    Args:
        folder: A bundle whose tasks have images of one size.
        options: Of the server.
        concurrency: Connections that ask at a time, one row each.
        seconds: Of a turn.
        rounds: Turns of each, behind one more to warm up.
        body: `"tensor"` (Open Inference Protocol, bytes) or `"image"` (JPEG).

    Returns:
        A row each: `requests_a_second`, `p50`, `p99` (seconds),
        `bare_images_a_second`, `of_bare` (the median of the rounds' ratios),
        `megabytes` (after each round), `statuses` and `deviation`.

    Raises:
        ValueError: If a value is out of range, or tasks are of several sizes.
    """
    require("serve", *MODULES)
    from keras_snow.serving.http.background import running

    for count in concurrency:
        check_count("concurrency", count)
    check_count("rounds", rounds)
    check_not_negative("seconds", seconds)
    check_choice("body", body, BODIES)
    with (
        running(folder, options) as (address, service),
        tempfile.TemporaryDirectory() as scratch,
    ):
        engines = list(service.fleet.engines.values())
        if len(engines) != 1:
            raise ValueError(
                "The load is of images of one size. "
                f"Received: {len(engines)} sizes"
            )
        (engine,) = engines
        file = pathlib.Path(scratch, "body")
        path, headers = _write_body(file, body, engine.image_size, service.name)
        ask = [f"{address}{path}", str(file), json.dumps(headers)]
        facts = {
            "runtime": engine.runtime_name,
            "deviation": engine.deviation,
            "tasks": len(engine.runtime.outputs),
            "image_size": engine.image_size,
            "max_batch": options.max_batch,
            "body": body,
        }
        return [
            facts
            | {"concurrency": count}
            | _take_turns(
                engine,
                options.max_batch,
                [*ask, str(count), str(seconds)],
                seconds,
                rounds,
            )
            for count in concurrency
        ]


def _take_turns(
    engine: Any,
    max_batch: int,
    arguments: list[str],
    seconds: float,
    rounds: int,
) -> dict[str, Any]:
    found = []
    for turn in range(rounds + 1):
        bare = _bare_rate(engine.runtime, engine.image_size, max_batch, seconds)
        loaded = _load(arguments)
        if turn:
            found.append((bare, loaded, _megabytes()))
    return _summary(found)


def _write_body(
    file: pathlib.Path, body: str, image_size: int, name: str
) -> tuple[str, dict[str, str]]:
    """Writes what is asked; returns where, and with which headers."""
    from PIL import Image

    pixels = draw_images(image_size, 1).astype("uint8")
    if body == "image":
        buffer = io.BytesIO()
        Image.fromarray(pixels[0]).save(buffer, "JPEG", quality=90)
        file.write_bytes(buffer.getvalue())
        return "/predict", {}
    tensor = {
        "name": "image",
        "datatype": "UINT8",
        "shape": list(pixels.shape),
        "parameters": {"binary_data_size": pixels.nbytes},
    }
    asked = {"inputs": [tensor], "parameters": {"binary_data_output": True}}
    head = json.dumps(asked).encode()
    file.write_bytes(head + pixels.tobytes())
    length = {"Inference-Header-Content-Length": str(len(head))}
    return f"/v2/models/{name}/infer", length


def _bare_rate(
    runtime: Runtime, image_size: int, batch_size: int, seconds: float
) -> float:
    """Returns images a second of the better of batches of one and of many."""
    rates = []
    for count in {1, batch_size}:
        images = draw_images(image_size, count)
        runtime(images)
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds / 2 or not done:
            runtime(images)
            done += count
        rates.append(done / (time.perf_counter() - began))
    return max(rates)


def _load(arguments: list[str]) -> dict[str, Any]:
    client = pathlib.Path(__file__).with_name("load_client.py")
    ran = subprocess.run(
        [sys.executable, "-I", str(client), *arguments],
        capture_output=True,
        check=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _megabytes() -> float:
    """Returns the resident set of this process; 0 where it can't be told."""
    try:
        status = pathlib.Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    (line,) = (x for x in status.splitlines() if x.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _summary(
    found: list[tuple[float, dict[str, Any], float]],
) -> dict[str, Any]:
    rates, ratios = [], []
    statuses: dict[str, int] = {}
    latencies: list[float] = []
    for bare, loaded, _ in found:
        rate = len(loaded["latencies"]) / loaded["seconds"]
        rates.append(rate)
        ratios.append(rate / bare)
        latencies += loaded["latencies"]
        for status, count in loaded["statuses"].items():
            statuses[status] = statuses.get(status, 0) + count
    return {
        "requests_a_second": statistics.median(rates),
        "p50": float(np.percentile(latencies, 50)),
        "p99": float(np.percentile(latencies, 99)),
        "bare_images_a_second": statistics.median(x for x, *_ in found),
        "of_bare": statistics.median(ratios),
        "megabytes": [round(x, 1) for *_, x in found],
        "statuses": statuses,
    }


def main(arguments: list[str] | None = None) -> None:
    """Runs the benchmark from the command line.

    Args:
        arguments: The command line, without the program's name.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        options = ServerOptions(
            port=0,
            runtime=given.runtime,
            max_batch=given.max_batch,
            max_queue=1024,
            timeout=120.0,
        )
        rows = measure(
            given.bundle,
            options,
            [int(count) for count in given.concurrency.split(",")],
            given.seconds,
            given.rounds,
            given.body,
        )
    except (ValueError, OSError, ImportError) as error:
        parser.error(str(error))
    for row in rows:
        _tell(row)
    if given.json:
        write_json(given.json, {"settings": vars(given), "rows": rows})


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("load", __doc__)
    parser.add_argument("bundle", metavar="BUNDLE")
    parser.add_argument("--concurrency", default="1,16")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--body", default="tensor", metavar="tensor|image")
    parser.add_argument("--runtime", default="auto")
    parser.add_argument("--max-batch", type=int, default=16)
    parser.add_argument("--json", metavar="FILE")
    return parser


def _tell(row: dict[str, Any]) -> None:
    memory = row["megabytes"]
    line = (
        f"{row['runtime']}  {row['tasks']} tasks  {row['image_size']} px  "
        f"concurrency {row['concurrency']:2}: {row['requests_a_second']:.1f} "
        f"requests/s, p50 {row['p50'] * 1e3:.0f} ms, p99 "
        f"{row['p99'] * 1e3:.0f} ms; {row['of_bare']:.2f} of the bare "
        f"runtime's {row['bare_images_a_second']:.1f} images/s; memory "
        f"{memory[0]:.0f} to {memory[-1]:.0f} MB; {row['statuses']}"
    )
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
