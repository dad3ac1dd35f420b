"""Opens Parquet tables, which may hold the images themselves."""

import json
import pathlib
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from keras_snow.core.extras import require
from keras_snow.data.readers.table_file import Table


class Cells(Sequence[Any]):
    """Cells of a column of Arrow, turned into Python's one by one.

    Args:
        column: A chunked array.

    Examples:
        >>> import pyarrow
        >>> Cells(pyarrow.chunked_array([[{"bytes": b"x"}]]))[0]
        {'bytes': b'x'}
    """

    def __init__(self, column: Any) -> None:
        self.column = column

    def __len__(self) -> int:
        return len(self.column)

    def __getitem__(self, index: Any) -> Any:
        return self.column[index].as_py()


def open_parquet(paths: Sequence[pathlib.Path]) -> Table:
    """Opens the files of a table.

    Args:
        paths: One or more, of the same columns.

    Raises:
        ImportError: If pyarrow is not installed.
        ValueError: If a file is damaged, or the columns differ.
    """
    require("formats", "pyarrow")
    import pyarrow

    parts = [_read(path) for path in paths]
    try:
        whole = pyarrow.concat_tables(parts)
    except pyarrow.ArrowInvalid as error:
        raise ValueError(
            "The files of the data set have different columns. "
            f"Received: paths={[x.name for x in paths][:4]}"
        ) from error
    names_of = _names_of(whole.schema.metadata or {})
    return table_of(whole, paths[0], names_of)


def table_of(
    arrow: Any, path: pathlib.Path, names_of: Mapping[str, tuple[str, ...]]
) -> Table:
    """Returns a table of Arrow as one of ours.

    Args:
        arrow: The table.
        path: Where it is from, for messages.
        names_of: Class names by column.
    """
    return Table(
        path,
        list(arrow.column_names),
        [_cells(column) for column in arrow.columns],
        range(len(arrow)),
        word="Row",
        names_of=names_of,
    )


def _read(path: pathlib.Path) -> Any:
    import pyarrow
    import pyarrow.parquet

    try:
        return pyarrow.parquet.read_table(path)
    except pyarrow.ArrowException as error:
        raise ValueError(
            f"The Parquet file can't be read: {error}. "
            f"Received: path={str(path)!r}"
        ) from error


def _cells(column: Any) -> Sequence[Any]:
    import pyarrow

    kind = column.type
    if pyarrow.types.is_struct(kind) or pyarrow.types.is_binary(kind):
        return Cells(column)
    return tuple(column.to_pylist())


def _names_of(metadata: Any) -> dict[str, tuple[str, ...]]:
    """The names of classes by column, as the `datasets` library writes them."""
    try:
        said = json.loads(metadata.get(b"huggingface", b"{}"))
        features = said.get("info", {}).get("features", {})
    except ValueError:
        return {}
    found = {}
    for name, feature in features.items():
        # Of several classes it is a list of class labels.
        for each in (feature, feature.get("feature", {})):
            if isinstance(each, dict) and each.get("_type") == "ClassLabel":
                found[name] = tuple(each["names"])
    return found
