"""Folders of splits, domains and other sets are told from those of classes."""

import pytest
from PIL import Image

from keras_snow.data import Task


@pytest.fixture
def lay_out(tmp_path):
    """Makes small images at paths, and text in all other files."""

    def make(*paths):
        for path in paths:
            place = tmp_path / "set" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.suffix == ".png":
                Image.new("L", (2, 2)).save(place)
            else:
                place.write_text("text")
        return tmp_path / "set"

    return make


def of_classes(*folders, classes=("cat", "dog"), count=1):
    return [
        f"{folder}/{name}/{index}.png"
        for folder in folders
        for name in classes
        for index in range(count)
    ]


@pytest.mark.parametrize(
    ("train", "further"),
    [
        ("Training", {"test": "Testing"}),
        ("Training", {"test": "Test"}),
        ("training_set", {"test": "test_set"}),
        ("Training Images", {"test": "Test-Images"}),
        ("TrainSet", {"test": "testset", "validation": "VALSET"}),
        ("seg_train/seg_train", {"test": "seg_test/seg_test"}),
        ("train2017", {"validation": "val2017"}),
        ("train/images", {"validation": "dev/images"}),
        ("pets_trainval", {"test": "pets_hold-out"}),
        ("train", {"test": "eval"}),
        ("train", {"test": "test", "validation": "evaluation"}),
        ("pets-v3/train", {"test": "pets-v3/test"}),
    ],
)
def test_splits_are_read_however_they_are_spelled(lay_out, train, further):
    root = lay_out(*of_classes(train, count=3), *of_classes(*further.values()))
    task = Task.from_folder(root, validation=0, test=0)
    assert task.class_names == ("cat", "dog")
    sizes = {name: len(part) for name, part in task.splits.items()}
    assert sizes == {"train": 6, **dict.fromkeys(further, 2)}


@pytest.mark.parametrize(
    "folder", ["images", "Data_Set", "set"], ids=["word", "signs", "same name"]
)
def test_a_folder_that_only_wraps_the_classes_is_none(lay_out, folder):
    task = Task.from_folder(lay_out(*of_classes(folder, count=3)))
    assert task.class_names == ("cat", "dog")


@pytest.mark.parametrize(
    "classes",
    [
        ("boat", "train"),
        ("bus station", "train station"),
        ("steam train", "training shoe"),
        ("invalid", "valid"),
        ("drawing", "photo"),
        ("base", "novel"),
    ],
)
def test_classes_may_bear_such_names(lay_out, classes):
    root = lay_out(*of_classes(".", classes=classes, count=3))
    assert Task.from_folder(root).class_names == classes


DOMAINS = of_classes("Art", "Clipart", "Product", "Real World")
REFUSED = {
    "domains": (DOMAINS, r"the same folders \(cat, dog\).*`\S*set/Art`"),
    "wrapped domains": (
        of_classes("amazon/images", "dslr/images"),
        r"the same folders \(cat, dog\).*`\S*set/amazon`",
    ),
    "domains with gaps": (
        [path for path in DOMAINS if path != "Product/dog/0.png"]
        + ["Product/emu/0.png"],
        "the same folders",
    ),
    "domains of a split": (
        of_classes("train/Art", "train/Photo", "test/Art"),
        r"the same folders.*`\S*train/Art`",
    ),
    "splits within classes": (
        of_classes("cat", "dog", classes=("test", "train")),
        r"the same folders \(test, train\)",
    ),
    "splits within some classes": (
        [*of_classes("cat/train", "dog/train"), *of_classes("dog/test")],
        "the same folders",
    ),
    "test images in one folder": (
        [*of_classes("train"), "val/images/0.png", "val/list.txt"],
        "`val` holds images without labels",
    ),
    "splits of other names": (of_classes("learn", "check"), "the same folders"),
    "few-shot sets": (
        [
            *of_classes("base", classes=("a", "b")),
            *of_classes("validation", classes=("c", "d")),
            *of_classes("novel", classes=("e", "f", "g")),
        ],
        r"few-shot.*base \(2 classes\), novel \(3 classes\), validation",
    ),
    "few-shot sets of other names": (
        [
            *of_classes("mini_base", classes="ab"),
            *of_classes("mini_novel", classes="cd"),
        ],
        "few-shot",
    ),
    "few-shot sets called splits": (
        [*of_classes("train", classes="ab"), *of_classes("test", classes="cd")],
        r"few-shot.*train \(2 classes\), test \(2 classes\)",
    ),
    "unlabelled images": (
        [*of_classes("train"), "unlabeled/0.png"],
        r"`unlabeled` holds images without labels \(1 files",
    ),
    "images to predict": (
        [*of_classes("seg_train", "seg_test"), "seg_pred/0.png"],
        "`seg_pred` holds images without labels",
    ),
    "a flat test split": (
        [*of_classes("train"), "test/0.png", "test/1.png"],
        r"`test` holds images without labels \(2 files, without class",
    ),
    "flat test images beside classes": (
        [*of_classes("."), "Test Images/0.png"],
        "`Test Images` holds images without labels.* if it is a class, rename",
    ),
    "another folder beside one split": (
        [*of_classes("train"), "more/0.png"],
        "Beside the folders of splits lies another one.*'more'",
    ),
    "lists beside images": (
        [*of_classes("images"), "labels/train.txt", "imdb/all.mat"],
        r"`imdb` can be no class.*class folders: `\S*set/images`",
    ),
    "masks beside images": (
        ["images/0.png", "masks/0.png"],
        "`images` can be no class.*in a table",
    ),
    "one folder around": (
        of_classes("pictures of my own/home"),
        r"the only class.*`\S*set/pictures of my own`",
    ),
}


@pytest.mark.parametrize("layout", REFUSED)
@pytest.mark.parametrize("skip_bad", [False, True])
def test_what_are_no_classes_is_refused_with_what_was_seen(
    lay_out, layout, skip_bad
):
    paths, words = REFUSED[layout]
    root = lay_out(*paths)
    with pytest.raises(ValueError, match=words) as caught:
        Task.from_folder(root, skip_bad=skip_bad)
    assert "Received: " in str(caught.value)


def test_what_a_refusal_names_can_be_read(lay_out):
    root = lay_out(*DOMAINS)
    task = Task.from_folder(root / "Real World", validation=0, test=0)
    assert task.class_names == ("cat", "dog")
