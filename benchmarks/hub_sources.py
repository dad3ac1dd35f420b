"""Whether networks of KerasHub go through train, bundle, export and serve.

    python -m benchmarks.hub_sources --out hub

Tiny ones of random weights are written as presets, and are sources by
`keras_hub:FOLDER`. Run it in an environment of its own, with keras-hub; beside
`tensorflow-cpu`: `pip install --no-deps keras-hub`, and `pip install kagglehub
regex tokenizers sentencepiece`.
"""

import argparse
import contextlib
import importlib
import io
import json
import pathlib
import re
import subprocess
import sys
import urllib.request
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.parser import parser_of

SIZE = 32
FORMATS = {
    "onnx": "model.onnx",
    "openvino": "model.xml",
    "litert": "model.tflite",
    "saved_model": "model",
}
_VIT = {
    "patch_size": 8,
    "num_layers": 6,
    "hidden_dim": 32,
    "num_heads": 2,
    "intermediate_dim": 64,
    "image_shape": (SIZE, SIZE, 3),
    "num_register_tokens": 4,
}
NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "dinov2": (
        "DINOV2Backbone",
        {**_VIT, "position_embedding_shape": (SIZE, SIZE)},
    ),
    "dinov3": ("DINOV3Backbone", _VIT),
}


def try_network(name: str, out: pathlib.Path) -> dict[str, Any]:
    """Takes one network through all of it.

    Args:
        name: One of `NETWORKS`.
        out: A folder; it is filled.

    Returns:
        Accuracy, and by format whether the export answers as the bundle.
    """
    hub: Any = importlib.import_module("keras_hub")
    kind, settings = NETWORKS[name]
    preset, run, bundle = (out / x for x in ("preset", "run", "bundle"))
    getattr(hub.models, kind)(**settings).save_to_preset(str(preset))
    source = f"keras_hub:{preset}"
    task = _write_task(out / "stripes.npz")
    size = ["--image-size", str(SIZE)]
    train = ["train", task, "--source", source, "--out", run, *size]
    _snow(*train, "--epochs", "4", "--cache-taps", "1")
    _snow("bundle", "create", bundle, "--source", source)
    _snow("bundle", "add", bundle, "stripes", run)
    for form, file in FORMATS.items():
        _snow("export", bundle, "--format", form, "--out", out / file)
    record = json.loads((run / "record.json").read_text())
    return {
        "source": f"{kind}, random weights",
        "test top-1": record["results"]["test"]["top1"],
        "exported": [*FORMATS],
        "served": _ask_a_server(bundle),
    }


def _write_task(path: pathlib.Path) -> pathlib.Path:
    """Writes images of two classes: stripes that stand or lie."""
    draw = np.random.default_rng(0)
    labels = np.arange(120) % 2
    waves = np.sin(np.arange(SIZE) * 0.9 + draw.uniform(0, 6, (120, 1)))
    images = np.repeat(waves[:, None], SIZE, axis=1)
    images[labels == 1] = images[labels == 1].transpose(0, 2, 1)
    pixels = 128 + 90 * images + draw.normal(0, 20, images.shape)
    pixels = np.repeat(pixels[..., None].clip(0, 255), 3, axis=-1)
    np.savez(path, images=pixels.astype("uint8"), labels=labels)
    return path


def _ask_a_server(bundle: pathlib.Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "keras_snow.cli", "serve", bundle]
    with subprocess.Popen(
        [*map(str, command), "--port", "0"],
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            address = _address_of(server)
            file = io.BytesIO()
            Image.new("RGB", (SIZE, SIZE)).save(file, "PNG")
            with contextlib.closing(
                urllib.request.urlopen(
                    f"{address}/predict", file.getvalue(), timeout=60
                )
            ) as answer:
                found: dict[str, Any] = json.load(answer)["tasks"]
                return found
        finally:
            server.terminate()


def _address_of(server: Any) -> str:
    for line in server.stdout:
        found = re.search(r"http://[\w.]+:\d+", line)
        if found is not None:
            return found[0]
    raise RuntimeError("The server ended before it answered.")


def _snow(*arguments: Any) -> None:
    command = [sys.executable, "-m", "keras_snow.cli", *map(str, arguments)]
    subprocess.run(command, check=True)


def main() -> None:
    """Runs the command line."""
    parser = parser_of("hub_sources", __doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--networks", default=",".join(NETWORKS))
    options: argparse.Namespace = parser.parse_args()
    for name in options.networks.split(","):
        folder = options.out / name
        folder.mkdir(parents=True)
        sys.stdout.write(
            json.dumps({name: try_network(name, folder)}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
