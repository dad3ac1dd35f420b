"""The published data sets whose archives are read as they unpack."""

import pathlib
from collections import Counter
from collections.abc import Iterator

from keras_snow.data.readers.layout import Files
from keras_snow.data.readers.layout import Layout
from keras_snow.data.readers.layout import Lines
from keras_snow.data.readers.layout import Row
from keras_snow.data.readers.matlab import cars_rows
from keras_snow.data.readers.matlab import flowers_rows

# Of Caltech-UCSD Birds; a copy has the flag the other way round.
_BIRDS = {"train": 5994, "test": 5794}
_IN_CLASS = r"(?P<label>[^/]+)/(?P<name>.+?)"


def _birds_rows(root: pathlib.Path, part: str) -> Iterator[Row]:
    """Joins the lists by the number of the image."""
    del part
    images, labels, flags = (
        dict(_pairs(root / f"{name}.txt"))
        for name in ("images", "image_class_labels", "train_test_split")
    )
    names = dict(_pairs(root / "classes.txt"))
    for name, other in {
        "image_class_labels": labels,
        "train_test_split": flags,
    }.items():
        for number in images:
            if number not in other:
                raise ValueError(
                    f"The list `{name}.txt` lacks an image of `images.txt`. "
                    f"Received: path={str(root)!r}, image={number!r}"
                )
    splits = {"1": "train", "0": "test"}
    seen = Counter(splits.get(flags[number], "") for number in images)
    if dict(seen) == {"train": _BIRDS["test"], "test": _BIRDS["train"]}:
        splits = {"1": "test", "0": "train"}
    if "" in seen:
        wrong = next(x for x in images if flags[x] not in splits)
        raise ValueError(
            "The list `train_test_split.txt` must say 1 or 0 of each image. "
            f"Received: path={str(root)!r}, image={wrong}, flag={flags[wrong]}"
        )
    for number, image in images.items():
        label = names.get(labels[number], labels[number])
        where = f"image {number} of images.txt"
        yield Row(f"images/{image}", label, splits[flags[number]], where)


def _pairs(path: pathlib.Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        first, _, rest = line.strip().partition(" ")
        if not rest:
            raise ValueError(
                f"Line {number} of a list has one word, and needs two. "
                f"Received: path={str(path)!r}, line={line!r}"
            )
        yield first, rest


LAYOUTS = (
    Layout(
        "CUB-200-2011",
        ("images.txt", "image_class_labels.txt", "train_test_split.txt"),
        rows=_birds_rows,
    ),
    Layout("Stanford Cars", ("devkit/cars_train_annos.mat",), rows=cars_rows),
    Layout("Oxford Flowers", ("imagelabels.mat", "jpg"), rows=flowers_rows),
    Layout(
        "Food-101",
        ("meta/train.txt", "meta/test.txt", "images"),
        (
            Lines("train", "meta/train.txt", _IN_CLASS),
            Lines("test", "meta/test.txt", _IN_CLASS),
        ),
        "images/{label}/{name}.jpg",
    ),
    Layout(
        "DTD",
        ("labels/train1.txt", "labels/test1.txt", "images"),
        (
            Lines("train", "labels/trainPART.txt", _IN_CLASS),
            Lines("validation", "labels/valPART.txt", _IN_CLASS),
            Lines("test", "labels/testPART.txt", _IN_CLASS),
        ),
        "images/{label}/{name}",
        parts=r"labels/train(\d+)\.txt",
        default="1",
    ),
    Layout(
        "Stanford 40 Actions",
        (r"ImageSplits/.+_train\.txt", "JPEGImages"),
        tuple(
            Lines(
                split,
                rf"ImageSplits/(?P<label>.+)_{split}\.txt",
                "(?P<name>.+)",
            )
            for split in ("train", "test")
        ),
        "JPEGImages/{name}",
    ),
    Layout(
        "FGVC-Aircraft",
        ("images_variant_train.txt", "images"),
        tuple(
            Lines(
                split,
                f"images_PART_{name}.txt",
                r"(?P<name>\S+) (?P<label>.+)",
            )
            for split, name in {
                "train": "train",
                "validation": "val",
                "test": "test",
            }.items()
        ),
        "images/{name}.jpg",
        parts=("variant", "family", "manufacturer"),
        default="variant",
    ),
    Layout(
        "Oxford-IIIT Pet",
        ("annotations/trainval.txt", "annotations/test.txt", "images"),
        tuple(
            Lines(
                split,
                f"annotations/{name}.txt",
                r"(?P<label>.+)_(?P<name>\d+)( \d+)*",
            )
            for split, name in {"train": "trainval", "test": "test"}.items()
        ),
        "images/{label}_{name}.jpg",
    ),
    Layout(
        "tiny-ImageNet",
        ("wnids.txt", "train", "val/val_annotations.txt"),
        (
            Files("train", "train", r"(?P<label>[^/]+)/images/[^/]+\.JPEG"),
            Lines(
                "validation",
                "val/val_annotations.txt",
                r"(?P<name>\S+)\s+(?P<label>\S+)(\s+\d+)*",
                "val/images/{name}",
            ),
        ),
    ),
    *(
        Layout(
            "PACS",
            (f"{place}[a-z_]+_train_kfold.txt",),
            tuple(
                Lines(
                    split,
                    f"{place}PART_{name}_kfold.txt",
                    r"(?P<image>[^/]+/(?P<label>[^/]+)/.+) \d+",
                )
                for split, name in {
                    "train": "train",
                    "validation": "crossval",
                }.items()
            ),
            parts=f"{place}([a-z_]+)_train_kfold.txt",
            roots=("", "kfold", "images", "pacs_data"),
        )
        for place in ("", "pacs_label/", "splits/")
    ),
    Layout(
        "Office-Home",
        ("Clipart.txt", "Product.txt"),
        (
            Lines(
                "train",
                "PART.txt",
                r"(?P<image>[^/]+/(?P<label>[^/]+)/.+?)( \d+)?",
            ),
        ),
        parts=r"(Art|Clipart|Product|Real.?World)\.txt",
        roots=("", "images", "OfficeHomeDataset_10072016"),
    ),
    Layout(
        "Omniglot",
        ("images_background",),
        (Files("train", "images_PART", r"(?P<label>[^/]+/[^/]+)/[^/]+"),),
        parts=r"images_(background|evaluation)",
    ),
    Layout(
        "Omniglot",
        (r".+/character01",),
        (Files("train", "", r"(?P<label>[^/]+/character\d+)/[^/]+"),),
    ),
)
