"""ComparisonFolder: the files of a comparison, and what it compares."""

import contextlib
import pathlib
from collections.abc import Iterable
from typing import Any

from keras_snow.core.claim import claimed_folder
from keras_snow.core.files import PathLike
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.core.output_folder import check_output
from keras_snow.reports.entry import file_name
from keras_snow.training.fingerprint import differences

FORMAT = 1


class ComparisonFolder:
    """The files of a comparison.

    ```
    comparison.json    settings, and which tasks, methods and seeds
    rates/TASK/METHOD.json        the trials of learning rates, the chosen one
    runs/TASK/METHOD/seed0.json   how a run ended, its memory
    runs/TASK/METHOD/seed0/       the run: record.json, model/
    log.txt            what the processes said
    compare.md, .csv, .json, .png the report
    ```

    Args:
        path: The folder.

    Examples:
        >>> ComparisonFolder("out").outcome("demo:counting", "snow:all", 0)
        PosixPath('out/runs/demo-counting/snow-all/seed0.json')
    """

    def __init__(self, path: PathLike) -> None:
        self.path = pathlib.Path(path)
        self.plan = self.path / "comparison.json"
        self.log = self.path / "log.txt"

    def outcome(self, task: str, label: str, seed: int) -> pathlib.Path:
        """Returns where it is kept how a run ended."""
        return self._place("runs", task, label) / f"seed{seed}.json"

    def rate(self, task: str, label: str) -> pathlib.Path:
        """Returns where the choice of a learning rate is kept."""
        place = self._place("rates", task, label)
        return place.with_name(f"{place.name}.json")

    def trial(self, task: str, label: str, rate: float) -> pathlib.Path:
        """Returns where it is kept how the trial of a rate ended."""
        return self._place("rates", task, label) / f"{rate:g}.json"

    def read_plan(self) -> dict[str, Any]:
        """Returns what is compared."""
        if not self.plan.is_file():
            raise FileNotFoundError(
                "There is no comparison in this folder. Name the folder that "
                "was given to `keras-snow compare` as output. "
                f"Received: folder={str(self.path)!r}"
            )
        plan: dict[str, Any] = read_json(self.plan)
        return plan

    def claimed(self) -> contextlib.AbstractContextManager[None]:
        """Holds the folder for this process."""
        self._check()
        return claimed_folder(self.path, "comparing")

    def join_plan(self, plan: dict[str, Any]) -> dict[str, Any]:
        """Adds what is to be compared to what was before; writes nothing.

        Args:
            plan: `settings`, `tasks` and `entries` (lists of dicts with a
                `name`), `seeds`.

        Returns:
            The whole plan.
        """
        self._check()
        if self.plan.is_file():
            plan = _joined(self.read_plan(), plan, self.path)
        return {"format": FORMAT, "problems": {}, **plan}

    def write_plan(self, plan: dict[str, Any]) -> None:
        """Notes what is compared."""
        write_json(self.plan, plan)

    def _check(self) -> None:
        # A call whose source could not be had leaves its log.
        check_output(
            self.path, self.plan.name, "comparison", own=(self.log.name,)
        )

    def _place(self, kind: str, task: str, label: str) -> pathlib.Path:
        return self.path / kind / file_name(task) / file_name(label)


def _joined(
    before: dict[str, Any], now: dict[str, Any], path: pathlib.Path
) -> dict[str, Any]:
    known = {task["name"]: task for task in before["tasks"]}
    tasks = {task["name"]: task for task in now["tasks"]}
    shared = known.keys() & tasks.keys()
    found = differences(before["settings"], now["settings"])
    found += differences(
        {name: known[name]["data"] for name in shared},
        {name: tasks[name]["data"] for name in shared},
    )
    entries = {entry["name"]: entry for entry in before["entries"]}
    for entry in now["entries"]:
        # Another source may have come under the same name.
        kept = entries.get(entry["name"], entry)
        found += differences(kept, entry, entry["name"])
    if found:
        raise ValueError(
            "The output folder holds a comparison with other settings. Choose "
            "another folder, or remove this one. They differ in: "
            f"{'; '.join(found[:4])}. Received: out={str(path)!r}"
        )
    return {
        "settings": now["settings"],
        "tasks": _union(before["tasks"], now["tasks"]),
        "entries": _union(before["entries"], now["entries"]),
        "seeds": sorted({*before["seeds"], *now["seeds"]}),
        "problems": before["problems"],
    }


def _union(
    before: Iterable[dict[str, Any]], now: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """All of them, each name once, in the order of their coming."""
    return list({each["name"]: each for each in [*before, *now]}.values())
