"""Opens TFRecord files whose records are examples with named features."""

import pathlib
import struct
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from keras_snow.core.extras import require
from keras_snow.data.readers.slices import Slice
from keras_snow.data.readers.table_file import Table

# What files of images begin with, in the usual formats.
_STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM")


class Images(Sequence[Any]):
    """The images of records, read one by one.

    Args:
        records: Where the records are.
        feature: Which feature of theirs the image is.
    """

    def __init__(self, records: Sequence[Slice], feature: str) -> None:
        self.records = records
        self.feature = feature

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: Any) -> Any:
        return _features(self.records[index])[self.feature]


def open_records(paths: Sequence[pathlib.Path]) -> Table:
    """Opens files as a table: a row for each record, a column a feature.

    Args:
        paths: TFRecord files that are not compressed.

    Raises:
        ImportError: If TensorFlow is not installed.
        ValueError: If one is damaged, or its records hold no image.
    """
    require("cpu", "tensorflow")
    records = [record for path in paths for record in _records(path)]
    if not records:
        raise ValueError(
            "The file holds no records, so the data set is empty. "
            f"Received: path={str(paths[0])!r}"
        )
    first = _features(records[0])
    images = [name for name, x in first.items() if _is_image(x)]
    if len(images) != 1:
        raise ValueError(
            "Each record must hold one encoded image, and a label. Received: "
            f"path={str(paths[0])!r}, features={sorted(first)}"
        )
    others = [name for name in sorted(first) if name not in images]
    cells = [_features(record, others) for record in records]
    columns = [[_word(x.get(name)) for x in cells] for name in others]
    return Table(
        paths[0],
        ["image", *(name.replace("image/", "") for name in others)],
        [Images(records, images[0]), *columns],
        range(1, len(records) + 1),
        word="Record",
    )


def _records(path: pathlib.Path) -> Iterator[Slice]:
    """Each is its length, a checksum, its bytes and another checksum."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = 0
        while start < size:
            head = file.read(12)
            length = (
                struct.unpack("<Q", head[:8])[0] if len(head) == 12 else size
            )
            if start + length + 16 > size:
                raise ValueError(
                    "The file is cut short, compressed, or no TFRecord. "
                    f"Received: path={str(path)!r}, byte {start} of {size}"
                )
            yield Slice(path, start + 12, length)
            start += length + 16
            file.seek(start)


def _features(
    record: Slice, names: Sequence[str] | None = None
) -> dict[str, Any]:
    import tensorflow as tf
    from google.protobuf.message import DecodeError

    try:
        example = tf.train.Example.FromString(record.read())
    except DecodeError as error:
        raise ValueError(
            "A record is no example with named features. "
            f"Received: path={str(record.path)!r}, byte {record.start}"
        ) from error
    features = example.features.feature
    found = {}
    for name in features if names is None else names:
        kind = features[name].WhichOneof("kind")
        values = getattr(features[name], kind).value if kind else []
        found[name] = values[0] if len(values) == 1 else list(values)
    return found


def _is_image(value: Any) -> bool:
    return isinstance(value, bytes) and value.startswith(_STARTS)


def _word(value: Any) -> Any:
    if isinstance(value, list):
        return [_word(x) for x in value]
    return value.decode(errors="replace") if isinstance(value, bytes) else value
