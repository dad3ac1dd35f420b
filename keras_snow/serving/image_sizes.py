"""On which size of images tasks are answered."""

from collections.abc import Sequence

from keras_snow.core.checks import check_count
from keras_snow.serving.bundled_task import BundledTask

IMAGE_SIZE = 224  # Of tasks that do not say theirs.


def group_by_size(
    tasks: Sequence[BundledTask], image_size: int | None = None
) -> dict[int, list[str]]:
    """Returns the names of tasks by the pixels of a side.

    Args:
        tasks: The tasks.
        image_size: One size for them all; each its own if None.

    Examples:
        >>> birds = BundledTask("birds", 1, 200, (), image_size=128)
        >>> group_by_size([birds, BundledTask("cars", 1, 196, ())])
        {128: ['birds'], 224: ['cars']}
    """
    if image_size is not None:
        check_count("image_size", image_size)
    groups: dict[int, list[str]] = {}
    for task in tasks:
        size = image_size or task.image_size or IMAGE_SIZE
        groups.setdefault(size, []).append(task.name)
    return groups


def common_size(
    tasks: Sequence[BundledTask], image_size: int | None = None
) -> int:
    """Returns the one size on which tasks are answered.

    Args:
        tasks: The tasks.
        image_size: One size for them all; that of the tasks if None.
    """
    groups = group_by_size(tasks, image_size)
    if len(groups) != 1:
        found = "; ".join(
            f"{size} px: {', '.join(names)}" for size, names in groups.items()
        )
        raise ValueError(
            "One model takes images of one size. Choose tasks of one size, or "
            f"a size for all (`image_size`). Received: {found or 'no tasks'}"
        )
    (size,) = groups
    return size
