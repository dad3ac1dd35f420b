"""Export: a folded bundle as a file of another runtime."""

import dataclasses
import os
import pathlib
import shutil
from collections.abc import Sequence
from typing import Any

from keras_snow.core.claim import claimed_name
from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.core.files import write_json
from keras_snow.core.staging import move_into_place
from keras_snow.core.staging import staging
from keras_snow.serving.bundle import Bundle
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.deviation import measure_deviation
from keras_snow.serving.deviation import worst_packing
from keras_snow.serving.format import Format
from keras_snow.serving.format import find_format
from keras_snow.serving.image_sizes import common_size
from keras_snow.serving.open_runtime import EXACT

FLOAT32 = "float32"


@dataclasses.dataclass(frozen=True)
class Exported:
    """What was exported.

    Args:
        path: The file, or the folder of a SavedModel.
        format: The format's name.
        tasks: The outputs.
        image_size: Pixels of a side.
        deviation: How far its logits are from those of the bundle's deltas, in
            its own runtime, relative to the largest.
        packing_deviation: How far those are from the trained deltas'; None if
            it is not known of a task.

    Examples:
        >>> path = pathlib.Path("shop.onnx")
        >>> Exported(path, "onnx", ("birds",), 224, 1e-6).image_size
        224
    """

    path: pathlib.Path
    format: str
    tasks: tuple[str, ...]
    image_size: int
    deviation: float
    packing_deviation: float | None = None


def export(
    bundle: Bundle,
    format: str,  # noqa: A002 - Keras' word.
    path: PathLike,
    tasks: Sequence[str] | None = None,
    image_size: int | None = None,
) -> Exported:
    """Writes a bundle as one model with an output a task.

    The model takes raw RGB, float32, `(batch, size, size, 3)`, 0 to 255. Beside
    it lies `<path>.json` with the names of the classes. What was written is
    opened in its own runtime and compared with the bundle's deltas before it
    takes its name.

    Args:
        bundle: The bundle.
        format: `"saved_model"`, `"onnx"`, `"openvino"` or `"litert"`.
        path: The file or, of a SavedModel, the folder. Must be free.
        tasks: Names of tasks. All if None.
        image_size: Pixels of a side; that of the tasks if None.

    Raises:
        ValueError: If there is no such format or task, the path is taken, the
            tasks are of several sizes, or the logits differ.
    """
    target = expand_home(path)
    chosen = find_format(format)
    _check_ending(target, chosen)
    size = common_size(_asked_tasks(bundle, tasks), image_size)
    with claimed_name(target, "writing"), staging(target) as folder:
        _check_free(target, chosen)
        exported = _write_model(
            bundle, chosen, folder / target.name, tasks, size
        )
        facts = f"{target.name}.json"
        write_json(folder / facts, _describe(bundle, exported))
        move_into_place(folder, last=facts)
    return dataclasses.replace(exported, path=target)


def _asked_tasks(
    bundle: Bundle, tasks: Sequence[str] | None
) -> list[BundledTask]:
    """Returns the tasks that a model is to answer, of which there is one."""
    names = list(bundle) if tasks is None else list(tasks)
    if not names:
        hint = "Add one first" if tasks is None else "Name one, or leave it out"
        raise ValueError(
            f"A model needs a task to answer, and there is none. {hint}. "
            f"Received: tasks={tasks}"
        )
    return [bundle.task(name) for name in names]


def _write_model(
    bundle: Bundle,
    chosen: Format,
    path: pathlib.Path,
    tasks: Sequence[str] | None,
    image_size: int,
) -> Exported:
    """Writes a model, not atomically; it must answer as the deltas do."""
    # Float32 whatever the deltas learned on: any machine may run it.
    chosen.write(bundle.fold(tasks, image_size, FLOAT32), path)
    runtime = chosen.open(path)
    found = measure_deviation(bundle, runtime, image_size, engine=FLOAT32)
    if found > EXACT:
        shutil.rmtree(path, ignore_errors=True)
        raise ValueError(
            "The exported model answers otherwise than the bundle's deltas, so "
            "it was not kept. Try another format. Received: "
            f"format={chosen.name!r}, deviation={found:.2g}"
        )
    outputs = tuple(runtime.outputs)
    packing = worst_packing(map(bundle.task, outputs))
    return Exported(path, chosen.name, outputs, image_size, found, packing)


def _describe(bundle: Bundle, exported: Exported) -> dict[str, Any]:
    """Returns what a client has to know of a model, as plain data."""
    size = exported.image_size
    return {
        "format": exported.format,
        "input": {
            "name": "image",
            "shape": [-1, size, size, 3],
            "values": "raw RGB, float32, 0 to 255",
        },
        "deviation": exported.deviation,
        "outputs": [
            {
                "name": name,
                "version": bundle.task(name).version,
                "class_names": bundle.task(name).class_names,
                "value_range": bundle.task(name).value_range,
                "packing_deviation": bundle.task(name).packing_deviation,
                "engine": bundle.task(name).engine,
                "thresholds": bundle.task(name).thresholds,
            }
            for name in exported.tasks
        ],
    }


def _check_ending(path: pathlib.Path, chosen: Format) -> None:
    if chosen.ending and path.suffix != chosen.ending:
        raise ValueError(
            f"A model of this format is a file that ends in {chosen.ending}. "
            f"Received: format={chosen.name!r}, path={str(path)!r}"
        )


def _check_free(path: pathlib.Path, chosen: Format) -> None:
    written = [path, path.with_name(f"{path.name}.json")]
    if chosen.weights_ending:
        written.append(path.with_suffix(chosen.weights_ending))
    taken = [str(each) for each in written if os.path.lexists(each)]
    if taken:
        raise ValueError(
            "There is something of this name already. Remove it, or choose "
            f"another path. Received: path={str(path)!r}, taken: "
            f"{', '.join(taken)}"
        )
