"""Repository: an exported bundle, laid out as model servers read it."""

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.core.files import write_text
from keras_snow.core.full_disk import told_if_full
from keras_snow.core.lock import exclusive
from keras_snow.core.registry import nearest_names
from keras_snow.core.staging import staging
from keras_snow.serving.bundle import Bundle
from keras_snow.serving.bundle_folder import PATIENCE
from keras_snow.serving.exported import Exported
from keras_snow.serving.exported import asked_tasks
from keras_snow.serving.exported import describe
from keras_snow.serving.exported import write_model
from keras_snow.serving.format import find_format
from keras_snow.serving.image_sizes import common_size

MOUNT = "/models"
"""Where the guide mounts the repository in a server's container."""

_MODEL = {
    "openvino": "model.xml",
    "onnx": "model.onnx",
    "saved_model": "",  # The version's folder itself.
}
_FILE = {**_MODEL, "saved_model": "saved_model.pb"}  # What tells a format.
# The guide recommends ONNX there: Triton's OpenVINO backend has no setting to
# stay in float32 (see `_configure_openvino`).
_TRITON = {"openvino": "openvino", "onnx": "onnxruntime"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def lay_out(
    bundle: Bundle,
    format: str,  # noqa: A002 - Keras' word.
    repository: PathLike,
    name: str,
    tasks: Sequence[str] | None = None,
    image_size: int | None = None,
) -> Exported:
    """Adds a version of a bundle to a model repository.

    ```
    config.json            of OpenVINO Model Server; openvino, onnx, saved_model
    models.config          of TensorFlow Serving; saved_model
    NAME/config.pbtxt      of Triton, with a file of class names a task;
                           openvino, onnx
    NAME/tasks.json        tasks, names of their classes, deviation
    NAME/1/model.xml       the model, one folder a version
    ```

    A version appears whole or not at all. Other models that are in the
    repository stay in its configuration. All versions of a model have one
    format, as a server reads them by one configuration.

    Args:
        bundle: The bundle.
        format: `"openvino"`, `"onnx"` or `"saved_model"`.
        repository: The folder of the repository.
        name: The model's name.
        tasks: Names of tasks. All if None.
        image_size: Pixels of a side; that of the tasks if None.

    Returns:
        What was written, with the path of its version.

    Raises:
        ValueError: If the name can't be used or has versions of another
            format, or as of `export`.
    """
    chosen = find_format(format)
    if format not in _MODEL:
        raise ValueError(
            "No model server reads this format. "
            f"{nearest_names(format, list(_MODEL))} Received: format={format!r}"
        )
    if not _NAME.fullmatch(name):
        raise ValueError(
            "A model's name is made of letters, digits, dots, dashes and "
            f"underscores. Received: name={name!r}"
        )
    size = common_size(asked_tasks(bundle, tasks), image_size)
    root = expand_home(repository)
    model = root / name
    _check_format(model, format)
    try:
        with told_if_full(model), staging(model / "version") as folder:
            version = folder / "version"
            if _MODEL[format]:
                version.mkdir()
            file = version / _MODEL[format] if _MODEL[format] else version
            exported = write_model(bundle, chosen, file, tasks, size)
            place = _add(root, name, version, bundle, exported)
    except BaseException:
        with contextlib.suppress(OSError):
            model.rmdir()
        raise
    return dataclasses.replace(exported, path=place)


def _add(
    root: pathlib.Path,
    name: str,
    version: pathlib.Path,
    bundle: Bundle,
    exported: Exported,
) -> pathlib.Path:
    """Moves a version into its place, and then describes it."""
    model = root / name
    with _locked(root):
        _check_format(model, exported.format)
        place = model / str(_last_version(model) + 1)
        os.replace(version, place)
        try:
            write_json(model / "tasks.json", describe(bundle, exported))
            for configure in _CONFIGURATIONS[exported.format]:
                configure(root, name, bundle, exported)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
    return place


def _locked(root: pathlib.Path) -> contextlib.AbstractContextManager[None]:
    """Models of a repository share files."""
    return exclusive(
        root / ".lock",
        "Another process is changing this repository. Try again when it is "
        f"done. Received: repository={str(root)!r}",
        PATIENCE,
    )


def _check_format(model: pathlib.Path, name: str) -> None:
    # Of a killed export there may be a version, and no description yet.
    version = model / str(_last_version(model))
    found = [
        other
        for other, file in _FILE.items()
        if other != name and (version / file).exists()
    ]
    if found:
        raise ValueError(
            "The repository has versions of this model in another format, and "
            "its server would find none it can read. Choose another `--name`, "
            f"or remove the folder. Received: format={name!r}, "
            f"model={str(model)!r} in {found[0]!r}"
        )


def _last_version(model: pathlib.Path) -> int:
    versions = model.glob("*")
    return max((int(x.name) for x in versions if x.name.isdecimal()), default=0)


def _configure_openvino(
    repository: pathlib.Path, name: str, bundle: Bundle, exported: Exported
) -> None:
    """Writes `config.json` of OpenVINO Model Server."""
    path = repository / "config.json"
    # Without the hint a recent CPU computes in bfloat16, up to 3 % off.
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    entry = {
        "name": name,
        "base_path": f"{MOUNT}/{name}",
        "plugin_config": exact,
    }
    others = _other_models(path, name) if path.exists() else []
    write_json(path, {"model_config_list": [*others, {"config": entry}]})


def _other_models(path: pathlib.Path, name: str) -> list[dict[str, Any]]:
    listed = read_json(path, ["model_config_list"])["model_config_list"]
    try:
        return [each for each in listed if each["config"]["name"] != name]
    except (KeyError, TypeError) as error:
        raise ValueError(
            "This configuration of a model server is damaged: each model needs "
            "a `config` with a `name`. Restore or remove it. "
            f"Received: path={str(path)!r}"
        ) from error


def _configure_triton(
    repository: pathlib.Path, name: str, bundle: Bundle, exported: Exported
) -> None:
    """Writes `config.pbtxt` of Triton, and the names of the classes."""
    size, outputs = exported.image_size, []
    for task in map(bundle.task, exported.tasks):
        label = ""
        if task.class_names:
            file = f"{task.name}.txt"
            lines = [" ".join(each.split()) for each in task.class_names]
            _write(repository / name / file, "\n".join(lines) + "\n")
            label = f' label_filename: "{file}"'
        outputs.append(
            f'  {{ name: "{task.name}" data_type: TYPE_FP32 '
            f"dims: [ {task.num_classes} ]{label} }}"
        )
    joined = ",\n".join(outputs)
    text = f"""name: "{name}"
backend: "{_TRITON[exported.format]}"
max_batch_size: 32
input [
  {{ name: "image" data_type: TYPE_FP32 dims: [ {size}, {size}, 3 ] }}
]
output [
{joined}
]
instance_group [ {{ kind: {_DEVICE[exported.format]} }} ]
dynamic_batching {{ max_queue_delay_microseconds: 5000 }}
"""
    _write(repository / name / "config.pbtxt", text)


# ONNX Runtime's backend takes a GPU where Triton finds one.
_DEVICE = {"openvino": "KIND_CPU", "onnx": "KIND_AUTO"}


def _configure_tensorflow(
    repository: pathlib.Path, name: str, bundle: Bundle, exported: Exported
) -> None:
    """Writes `models.config` of TensorFlow Serving."""
    models = sorted(
        {name}
        | {
            each.parent.parent.name
            for each in repository.glob("*/[0-9]*/saved_model.pb")
        }
    )
    entries = "".join(
        f"""  config {{
    name: "{each}"
    base_path: "{MOUNT}/{each}"
    model_platform: "tensorflow"
  }}
"""
        for each in models
    )
    text = f"model_config_list {{\n{entries}}}\n"
    _write(repository / "models.config", text)
    del bundle, exported


def _write(path: pathlib.Path, text: str) -> None:
    write_text(path, text)


_CONFIGURATIONS: dict[str, tuple[Callable[..., None], ...]] = {
    "openvino": (_configure_openvino, _configure_triton),
    "onnx": (_configure_openvino, _configure_triton),
    "saved_model": (_configure_openvino, _configure_tensorflow),
}
