"""Takes data sets of Hugging Face's `datasets` library."""

import pathlib
from collections.abc import Mapping
from typing import Any

from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.readers.parquet import table_of
from keras_snow.data.readers.parts import join_splits
from keras_snow.data.readers.reading import Reading
from keras_snow.data.readers.table import read_rows
from keras_snow.data.split_names import SPLITS
from keras_snow.data.split_names import roles_of


def read_hugging_face(
    data: Any, rules: FileRules, reading: Reading
) -> LabelledSplits:
    """Reads the encoded images and labels of a `Dataset` or `DatasetDict`.

    Args:
        data: The data set, or one for each split by its name.
        rules: What is a bad image, and what is done then.
        reading: Columns, if they have other names than usual.

    Raises:
        TypeError: If it is something else.
        ValueError: If it has no images and labels, or an unknown split.
    """
    parts = data if isinstance(data, Mapping) else {"train": data}
    roles = roles_of(map(str, parts))
    strange = [name for name, role in roles.items() if role not in SPLITS]
    if strange or not parts:
        raise ValueError(
            "A data set comes in the splits train, validation and test. Choose "
            f"them beforehand. Received: splits={list(parts)}"
        )
    found = {}
    for name, part in parts.items():
        if not hasattr(part, "with_format") or not hasattr(part, "features"):
            raise TypeError(
                "A `Dataset` of Hugging Face's `datasets` is needed. "
                f"Received: data of type {type(part).__name__}"
            )
        # As Arrow the images stay encoded, and chosen rows are chosen.
        arrow = part.with_format("arrow")[:]
        title = str(getattr(part.info, "dataset_name", None) or "dataset")
        names_of = {
            column: tuple(names)
            for column, feature in part.features.items()
            if (names := _class_names(feature))
        }
        table = table_of(arrow, pathlib.Path(title), names_of)
        found[str(roles[name])] = read_rows(table, rules, reading)
    return join_splits(found)


def _class_names(feature: Any) -> Any:
    """Of a class label, or of a list of them."""
    return getattr(feature, "names", None) or getattr(
        getattr(feature, "feature", None), "names", None
    )
