"""Manifest: what a bundle's folder holds, as a JSON file."""

import dataclasses
import hashlib
import json
import re
from typing import Any

from keras_snow.core.files import PathLike
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.serving.bundled_task import BundledTask

FORMAT = 1
# A manifest must not lead out of its folder.
_FILE = re.compile(r"(deltas/)?[A-Za-z0-9][A-Za-z0-9._-]*")

_SEALED_OF_SOURCE = ("sha256", "fingerprint", "taps")


@dataclasses.dataclass
class Manifest:
    """Lists the files of a bundle with their checksums.

    Args:
        source: `file`, `size`, `sha256`; `name`, `fingerprint`, `taps` and
            `preprocessing` of the source.
        tasks: The tasks by name, in the order in which they were added.

    Examples:
        >>> source = {"file": "source.keras", "size": 1, "sha256": "ab"}
        >>> Manifest(source, {}).files
        ['source.keras']
    """

    source: dict[str, Any]
    tasks: dict[str, BundledTask] = dataclasses.field(default_factory=dict)

    @property
    def files(self) -> list[str]:
        """The files that belong to the bundle, beside the manifest."""
        files = [task.file for task in self.tasks.values()]
        return [self.source["file"], *(file for file in files if file)]

    def write(self, path: PathLike) -> None:
        """Writes it, atomically."""
        tasks = [task.to_json() for task in self.tasks.values()]
        data = {"format": FORMAT, "source": self.source, "tasks": tasks}
        write_json(path, {**data, "seals": _seals(data)})

    @classmethod
    def read(cls, path: PathLike) -> "Manifest":
        """Reads it."""
        data = read_json(path)
        try:
            found = int(data["format"])
            if found <= FORMAT:
                manifest = cls._parse(data)
                _check_seals(data)
                return manifest
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                "This manifest of a bundle is damaged "
                f"({type(error).__name__}: {error}). Restore it from a copy. "
                f"Received: path={str(path)!r}"
            ) from error
        raise ValueError(
            "This bundle was written by a newer version of keras_snow. Update "
            f"it. Received: format={found}, known up to {FORMAT}, "
            f"path={str(path)!r}"
        )

    @classmethod
    def _parse(cls, data: dict[str, Any]) -> "Manifest":
        tasks = [BundledTask.from_json(task) for task in data["tasks"]]
        source = data["source"]
        for part in (source, *map(BundledTask.to_json, tasks)):
            for key, kind in (("file", str), ("sha256", str), ("size", int)):
                if not isinstance(part[key], kind):
                    raise TypeError(f"{key}={part[key]!r}")
            if not _FILE.fullmatch(part["file"]):
                raise ValueError(f"file={part['file']!r}")
        return cls(dict(source), {task.name: task for task in tasks})


def _seals(data: dict[str, Any]) -> dict[str, str]:
    """What binds each task to its name, its delta and this source."""
    source = {key: data["source"].get(key) for key in _SEALED_OF_SOURCE}
    return {task["name"]: _seal(source, task) for task in data["tasks"]}


def _seal(source: dict[str, Any], task: dict[str, Any]) -> str:
    # As it was written: a later version may know of more.
    facts = {**task, "source": source}
    facts.pop("packing_deviation", None)  # It changes no answer.
    text = json.dumps(facts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _check_seals(data: dict[str, Any]) -> None:
    names = [task["name"] for task in data["tasks"]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"a task named twice: {', '.join(twice)}")
    own = _seals(data)
    seals = data.get("seals", own)  # Of an earlier version there are none.
    wrong = [x for x in {**own, **seals} if own.get(x) != seals.get(x)]
    if wrong:
        raise ValueError(
            "entries that keras_snow has not written so, or for another "
            f"source: {', '.join(wrong)}"
        )
