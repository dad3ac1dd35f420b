"""How well tasks are told apart, and what that costs in accuracy.

The record of a routing is one JSON object:

| key | holds |
|---|---|
| `format` | version of this schema: 1 |
| `level` | share of a task's images that was to be accepted |
| `shrinkage` | share of the identity in the covariance |
| `tasks` | by task: `count` of test images; share `routed` to the task; share `accepted`, by whichever task; accuracy `task_aware` (the task is told), `task_agnostic` (the router says which), and `with_rejection` (the same, if an image that is said to be of no task counts as a miss) |
| `mean` | of these over the tasks |
| `confusion` | counts, a row a task: routed to each task, and last to none |
| `foreign` | share of test images that is said to be of no task: by task, by a router that does not know it; by foreign task, by the router of all |
"""  # noqa: E501

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.core.table import format_table
from keras_snow.data.task import Task
from keras_snow.lifelong.task_gaussians import TaskGaussians
from keras_snow.lifelong.task_router import LEVEL
from keras_snow.lifelong.task_router import TaskRouter
from keras_snow.lifelong.task_router import check_validation
from keras_snow.metrics.class_moments import ClassMoments

FORMAT = 1
SHARES = (
    "routed",
    "accepted",
    "task_aware",
    "task_agnostic",
    "with_rejection",
)
TITLES = (
    "routed right",
    "accepted",
    "task-aware",
    "task-agnostic",
    "with rejection",
)

Record = dict[str, Any]


def fit_and_evaluate(
    router: TaskRouter,
    tasks: Sequence[Task],
    right: Mapping[str, np.ndarray],
    foreign: Sequence[Task] = (),
    level: float = LEVEL,
    caches: Sequence[str | None] | None = None,
) -> Record:
    """Lets a router learn tasks, and reports how well it tells them apart.

    Each task is left out once, too: the share of its images that a router of
    the others takes for none of them says what becomes of foreign images.

    Args:
        router: A new one; it knows the tasks afterwards.
        tasks: With training, validation and test images.
        right: By task, whether each test image is answered right when the task
            is told.
        foreign: Further tasks whose test images belong to none.
        level: Share of the images of a task to accept.
        caches: Where each task's decoded images are kept.

    Returns:
        The record, see `keras_snow.lifelong.routing`.

    Raises:
        ValueError: If a task lacks images, a foreign task is one of the tasks,
            or `level` is out of range.
    """
    places: Sequence[str | None] = caches or [None] * len(tasks)
    _check(tasks, foreign)
    moments, validation, test = {}, {}, {}
    for task, place in zip(tasks, places, strict=True):
        moments[task.name] = router.learn(task, place)
        validation[task.name] = _join(
            router.features(task, "validation", place)
        )
        test[task.name] = _join(router.features(task, "test", place))
    router.gaussians.calibrate(validation, level)
    rejected = {
        task.name: _share_of_none(
            router.gaussians.choose(_join(router.features(task, "test")))
        )
        for task in foreign
    }
    if len(tasks) > 2:
        for name in moments:
            rest = _without(name, router, moments, validation, level)
            rejected[name] = _share_of_none(rest.choose(test[name]))
    return {
        "format": FORMAT,
        "level": level,
        "shrinkage": router.gaussians.chosen_shrinkage,
        "foreign": rejected,
        **compare_routes(router.gaussians, test, right),
    }


def compare_routes(
    gaussians: TaskGaussians,
    features: Mapping[str, np.ndarray],
    right: Mapping[str, np.ndarray],
) -> Record:
    """Returns shares and confusion of what is known.

    Args:
        gaussians: They know the tasks and are calibrated.
        features: By task, of its test images.
        right: By task, whether each of them is answered right by the task.
    """
    names = list(gaussians.tasks)
    shares, confusion = {}, []
    for name in names:
        distances = gaussians.distances(features[name])
        nearest = np.stack(list(distances.values())).argmin(axis=0)
        routed = nearest == names.index(name)
        chosen = gaussians.choose(features[name])
        accepted = np.array([each is not None for each in chosen])
        shares[name] = {
            "count": len(routed),
            "routed": float(routed.mean()),
            "accepted": float(accepted.mean()),
            "task_aware": float(right[name].mean()),
            "task_agnostic": float((routed & right[name]).mean()),
            "with_rejection": float((routed & right[name] & accepted).mean()),
        }
        confusion.append([chosen.count(each) for each in [*names, None]])
    mean = {
        share: float(np.mean([each[share] for each in shares.values()]))
        for share in SHARES
    }
    return {"tasks": shares, "mean": mean, "confusion": confusion}


def format_routing(record: Record) -> str:
    """Returns a routing as Markdown, in percent.

    Examples:
        >>> shares = dict.fromkeys(SHARES, 0.5)
        >>> record = {"tasks": {"birds": shares}, "mean": shares,
        ...           "foreign": {"cars": 0.25}}
        >>> print(format_routing(record).splitlines()[-1])
        | cars | 25.0 |
    """
    lines = [
        [name, *(f"{100 * shares[share]:.1f}" for share in SHARES)]
        for name, shares in [*record["tasks"].items(), ("mean", record["mean"])]
    ]
    parts = [format_table(["task", *TITLES], lines)]
    if record["foreign"]:
        strange = [
            [name, f"{100 * share:.1f}"]
            for name, share in record["foreign"].items()
        ]
        head = ["images of a task that is not known", "said to be of none"]
        parts.append(format_table(head, strange))
    return "\n\n".join(parts)


def _check(tasks: Sequence[Task], foreign: Sequence[Task]) -> None:
    check_validation(tasks)
    known = {task.fingerprint for task in tasks} | {x.name for x in tasks}
    for task in foreign:
        if task.name in known or task.fingerprint in known:
            raise ValueError(
                "A foreign task must be none of the sequence's. Received: "
                f"foreign={task.name!r}"
            )


def _without(
    name: str,
    router: TaskRouter,
    moments: Mapping[str, ClassMoments],
    validation: Mapping[str, np.ndarray],
    level: float,
) -> TaskGaussians:
    """Returns what knows all tasks but one."""
    rest = [each for each in moments if each != name]
    known = TaskGaussians(
        moments[name].num_features, router.gaussians.shrinkage
    )
    for each in rest:
        known.add(each, moments[each])
    known.calibrate({each: validation[each] for each in rest}, level)
    return known


def _share_of_none(chosen: Sequence[str | None]) -> float:
    return chosen.count(None) / len(chosen)


def _join(batches: Iterable[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    return np.concatenate([features for features, _ in batches])
