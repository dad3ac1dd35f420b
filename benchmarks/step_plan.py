"""What XLA plans for a training step: memory and operations, by batch size.

    python -m benchmarks.step_plan --methods snow,fo,ft \
        --image-size 224 --batch-sizes 4,16,64 --out plans

Nothing is run: JAX compiles the step of each method, and XLA tells what it will
take. So the figures don't depend on what else the machine does. `--out DIR`
gets a table, a figure and JSON. It needs the extra `jax`; the command sets
`KERAS_BACKEND=jax` by itself.
"""

import os
import pathlib
import sys
from typing import Any

import numpy as np

from benchmarks.parser import parser_of
from keras_snow.core.table import ABSENT
from keras_snow.core.table import format_table
from keras_snow.reports import paper

PAPER_TASK = "cars196"  # Of those in Table 8, the one with 196 classes.


def plan(
    methods: list[str],
    batch_sizes: list[int],
    source: str = "resnet50",
    image_size: int = 224,
    num_classes: int = 196,
    precision: str = "float32",
) -> list[dict[str, Any]]:
    """Returns what a step of each method takes.

    Args:
        methods: Names of methods.
        batch_sizes: Images a step.
        source: A name (random weights) or a `.keras` file.
        image_size: Pixels of a side.
        num_classes: Number of classes.
        precision: Name of a dtype policy.

    Returns:
        A row a method and batch size: `bytes`, `flops`, `trained_parameters`.

    Raises:
        ValueError: If a method or source is unknown, or the backend is not JAX.
    """
    import keras

    from keras_snow.baselines import build_method
    from keras_snow.recipes.presets import PAPER
    from keras_snow.sources.networks import load_source
    from keras_snow.sources.origin import without_download
    from keras_snow.training.step_plan import plan_step

    keras.config.set_dtype_policy(precision)
    frozen = load_source(source, without_download(source))
    rows = []
    for name in methods:
        model = build_method(name, frozen, num_classes)
        for size in batch_sizes:
            found = plan_step(model, PAPER.replace(batch_size=size), image_size)
            if found is None:
                raise ValueError(
                    "Only JAX tells what a step takes. Set KERAS_BACKEND=jax. "
                    f"Received: backend={keras.backend.backend()!r}"
                )
            rows.append(
                {
                    "method": name,
                    "batch_size": size,
                    "precision": precision,
                    "bytes": found.bytes,
                    "flops": found.flops,
                    "trained_parameters": sum(
                        int(np.prod(weight.shape))
                        for weight in model.trainable_weights
                    ),
                }
            )
            print(_line(rows[-1]), flush=True)  # noqa: T201
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Returns the plans as a Markdown table: memory to FT's, work to FO's.

    Args:
        rows: Those of `plan`. Columns of methods that were not planned, or not
            at that batch size, are empty.
    """
    head = ["method", "batch", "MB", "MB, ft = 1", "paper"]
    head += ["GFLOP", "GFLOP, fo = 1", "trained, M"]
    known = {(row["method"], row["batch_size"]): row for row in rows}

    def relative(row: dict[str, Any], name: str, key: str) -> str:
        base = known.get((name, row["batch_size"]))
        return f"{row[key] / base[key]:.2f}" if base else ABSENT

    lines = [
        [
            f"`{row['method']}`",
            str(row["batch_size"]),
            f"{row['bytes'] / 1e6:.0f}",
            relative(row, "ft", "bytes"),
            _paper_memory(row["method"]),
            f"{row['flops'] / 1e9:.1f}",
            relative(row, "fo", "flops"),
            f"{row['trained_parameters'] / 1e6:.2f}",
        ]
        for row in rows
    ]
    return format_table(head, lines)


def _paper_memory(method: str) -> str:
    theirs = paper.METHODS.get(method)
    if theirs is None or PAPER_TASK not in theirs.memory_gb:
        return ABSENT
    whole = paper.METHODS["ft"].memory_gb[PAPER_TASK]
    return f"{theirs.memory_gb[PAPER_TASK] / whole:.2f}"


def draw_plan(rows: list[dict[str, Any]]) -> Any:
    """Draws memory against batch size, a line a method.

    Args:
        rows: Those of `plan`.
    """
    from keras_snow.visualization.canvas import new_figure

    figure = new_figure(height=450, width=700)
    axis = figure.subplots()
    for name in dict.fromkeys(row["method"] for row in rows):
        own = [row for row in rows if row["method"] == name]
        sizes = [row["batch_size"] for row in own]
        axis.plot(sizes, [row["bytes"] / 1e9 for row in own], "o-", label=name)
    axis.set_xlabel("images a step")
    axis.set_ylabel("memory of a step by XLA's plan, GB")
    axis.set_xscale("log", base=2)
    axis.set_yscale("log")
    axis.legend()
    return figure


def _line(row):
    return (
        f"{row['method']:>12}  batch {row['batch_size']:4d}  "
        f"{row['bytes'] / 1e6:9.0f} MB  {row['flops'] / 1e9:9.1f} GFLOP  "
        f"{row['trained_parameters'] / 1e6:6.2f} M trained"
    )


def main(arguments: list[str] | None = None) -> None:
    """Runs the benchmark from the command line.

    Args:
        arguments: The command line, without the program's name.
    """
    parser = parser_of("step_plan", __doc__)
    parser.add_argument("--methods", default="snow,fo,fe,ft,mp_bn,pn,lf")
    parser.add_argument("--batch-sizes", default="4,16,64")
    parser.add_argument("--source", default="resnet50")
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--out", metavar="DIR", default="step_plan")
    given = parser.parse_args(arguments)
    if os.environ.get("KERAS_BACKEND") != "jax":
        # Keras chose a backend when the package was imported.
        command = [sys.executable, "-m", "benchmarks.step_plan"]
        environment = os.environ | {"KERAS_BACKEND": "jax"}
        os.execve(
            sys.executable,
            [*command, *(arguments or sys.argv[1:])],
            environment,
        )
    from keras_snow.core.files import write_json
    from keras_snow.visualization.canvas import save_figure

    folder = pathlib.Path(given.out)
    try:
        rows = plan(
            given.methods.split(","),
            [int(size) for size in given.batch_sizes.split(",")],
            given.source,
            given.image_size,
            precision=given.precision,
        )
        folder.mkdir(parents=True, exist_ok=True)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    write_json(folder / "plans.json", {"settings": vars(given), "rows": rows})
    (folder / "plans.md").write_text(table(rows) + "\n", encoding="utf-8")
    save_figure(draw_plan(rows), folder / "memory.png")


if __name__ == "__main__":
    main()
