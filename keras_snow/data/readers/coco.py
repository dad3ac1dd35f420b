"""Opens annotations as COCO writes them: a class of each image."""

import pathlib
from typing import Any

from keras_snow.data.readers.table_file import Table


def open_coco(path: pathlib.Path, found: dict[str, Any]) -> Table:
    """Returns a row for each image, with the classes that it is given.

    Args:
        path: The file.
        found: What it holds.

    Raises:
        ValueError: If an entry lacks a field, or names an image or category
            that is not there.
    """
    try:
        names = {x["id"]: str(x["name"]) for x in found.get("categories", ())}
        images = {x["id"]: str(x["file_name"]) for x in found["images"]}
        classes: dict[Any, list[str]] = {number: [] for number in images}
        for each in found["annotations"]:
            number, category = each["image_id"], each["category_id"]
            if number not in classes or (names and category not in names):
                raise ValueError(
                    "An annotation names an image or a category that is not "
                    f"there. Received: path={str(path)!r}, "
                    f"image_id={number!r}, category_id={category!r}"
                )
            name = names.get(category, str(category))
            if name not in classes[number]:
                classes[number].append(name)
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"An entry of the file lacks the field {error}. "
            f"Received: path={str(path)!r}"
        ) from error
    cells = [*classes.values()]
    ordered = tuple(dict.fromkeys(names[x] for x in sorted(names)))
    return Table(
        path,
        ["file_name", "category"],
        [list(images.values()), cells],
        list(images),
        word="Image",
        names_of={"category": ordered} if ordered else {},
    )
