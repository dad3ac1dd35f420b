"""The demo's source: trained once and kept in a file."""

import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import tempfile

import keras

import keras_snow
from keras_snow.core.files import file_digest
from keras_snow.core.files import replace_atomically
from keras_snow.reports.demo.network import Say
from keras_snow.reports.demo.network import SourceSettings
from keras_snow.reports.demo.network import draw_shapes
from keras_snow.reports.demo.network import train_network
from keras_snow.sources import Source


def load_demo_source(
    settings: SourceSettings | None = None,
    folder: str | os.PathLike[str] | None = None,
    say: Say = lambda text: None,
) -> Source:
    """Returns the demo's source, with the ends of its blocks as taps.

    The stem's maps are left out: at their size a delta would cost as much as
    the whole source.
    """
    settings = settings or SourceSettings()
    path = demo_source_file(settings, folder, say)
    taps = [f"block{index + 1}_out" for index in range(len(settings.blocks))]
    return Source.from_file(path, taps)


def demo_source_file(
    settings: SourceSettings | None = None,
    folder: str | os.PathLike[str] | None = None,
    say: Say = lambda text: None,
) -> pathlib.Path:
    """Returns the file of the demo's source; trains it if there is none.

    A file that is damaged, or belongs to other settings or drawings, is not
    used. It appears as a whole or not at all.
    """
    settings = settings or SourceSettings()
    folder = pathlib.Path(folder or default_folder())
    key = _key(settings)
    for path in sorted(folder.glob(f"demo-source-{key}-*.keras")):
        if path.stem.endswith(f"-{file_digest(path)[:16]}"):
            say(f"Source: {path}, trained before.")
            return path
        say(f"Source: {path} is damaged and is trained again.")
        path.unlink()
    # Fails before the training, not after it.
    folder.mkdir(parents=True, exist_ok=True)
    network = train_network(settings, say)
    path = _keep(network, folder, key)
    say(f"Source: kept in {path}.")
    return path


def default_folder() -> pathlib.Path:
    """Returns the folder in which the source is kept for the next time."""
    home = os.environ.get("KERAS_HOME")
    base = pathlib.Path(home) if home else pathlib.Path.home() / ".keras"
    return base / "keras-snow"


def _key(settings: SourceSettings) -> str:
    """Changes with the settings, the version, and what is drawn."""
    digest = hashlib.sha256(keras_snow.__version__.encode())
    fields = dataclasses.asdict(settings)
    digest.update(json.dumps(fields, sort_keys=True).encode())
    images, labels = draw_shapes(settings, 32, part=0)
    digest.update(images.tobytes() + str(labels).encode())
    return digest.hexdigest()[:16]


def _keep(network: keras.Model, folder: pathlib.Path, key: str) -> pathlib.Path:
    """Writes the file; its name holds its digest, so damage shows."""
    with tempfile.TemporaryDirectory() as temporary:
        saved = pathlib.Path(temporary) / "source.keras"
        network.save(saved)
        name = f"demo-source-{key}-{file_digest(saved)[:16]}.keras"
        with replace_atomically(folder / name) as path:
            shutil.copyfile(saved, path)
    return folder / name
