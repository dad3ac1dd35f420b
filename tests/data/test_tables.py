"""Tables as people have them: other names, ids, lists, several columns."""

import json

import numpy as np
import pytest

from keras_snow.data import Task
from keras_snow.data import load_task
from keras_snow.data import load_tasks
from keras_snow.data import summarise_task

NAMES = [f"{kind}/{n:03}" for kind in ("cat", "dog") for n in range(10)]


@pytest.fixture
def write(two_classes):
    """Writes a table beside the folders of cats and dogs."""

    def write(lines, name="pets.csv"):
        path = two_classes / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def rows(*columns, separator=","):
    return [separator.join(row) for row in zip(*columns, strict=True)]


PATHS = [f"{name}.png" for name in NAMES]
KINDS = [name[:3] for name in NAMES]
WHOLE = {"validation": 0, "test": 0}


@pytest.mark.parametrize(
    "header",
    [
        "image_id,breed",
        "id,label",
        "file_name,labels",
        "filepaths,ClassId",
        "Path,ClassId",
        "photo,species",
    ],
)
def test_common_names_are_known(write, header):
    task = load_task(str(write([header, *rows(PATHS, KINDS)])), **WHOLE)
    assert task.class_names == ("cat", "dog")
    assert len(task.split("train")) == 20
    for name in header.split(","):
        assert f"`{name}`" in summarise_task(task)


def test_columns_and_folder_may_be_named(write, two_classes, tmp_path):
    (two_classes / "cat").rename(two_classes / "raw")
    names = [name.split("/")[1] for name in PATHS[:10]]
    sizes = [str(n % 2) for n in range(10)]
    path = write(["what,where,size", *rows(["x"] * 10, names, sizes)])
    with pytest.raises(ValueError, match=r"'what', 'where', 'size'"):
        load_task(str(path))
    task = load_task(
        str(path),
        path_column="where",
        label_column="size",
        images=two_classes / "raw",
        **WHOLE,
    )
    assert task.class_names == ("0", "1")
    with pytest.raises(ValueError, match="no such column.*`where`"):
        load_task(str(path), path_column="were", label_column="size")


def test_ids_have_no_endings(write):
    task = Task.from_csv(write(["id,breed", *rows(NAMES, KINDS)]), **WHOLE)
    assert task.split("train").name(3).endswith("cat/003.png")
    assert "without endings" in task.form


def test_an_id_without_an_image_is_named_with_its_line(write):
    path = write(["id,breed", *rows(NAMES, KINDS), "dog/nowhere,dog"])
    with pytest.raises(FileNotFoundError, match="line 22 of pets.csv"):
        Task.from_csv(path)


def test_a_file_that_is_missing_is_named_with_its_line(write):
    path = write(["path,label", *rows(PATHS, KINDS), "dog/no.png,dog"])
    with pytest.raises(FileNotFoundError, match=r"no\.png.*line 22 of pets"):
        Task.from_csv(path)


def test_images_beside_the_table_are_found(write, two_classes):
    (two_classes / "images").mkdir()
    for kind in ("cat", "dog"):
        (two_classes / kind).rename(two_classes / "images" / kind)
    path = write(["path,label", *rows(PATHS, KINDS)])
    assert "in images/" in Task.from_csv(path, **WHOLE).form


@pytest.mark.parametrize("ending", ["txt", "lst"])
def test_lists_of_path_and_number(write, ending):
    numbers = ["0"] * 10 + ["1"] * 10
    path = write(rows(PATHS, numbers, separator=" "), f"pets.{ending}")
    assert load_task(str(path), **WHOLE).class_names == ("0", "1")


def test_records_of_json(write):
    records = [
        {"file_name": path, "label": kind}
        for path, kind in zip(PATHS, KINDS, strict=True)
    ]
    for name, lines in {
        "pets.jsonl": list(map(json.dumps, records)),
        "pets.json": [json.dumps(records)],
        "map.json": [json.dumps(dict(zip(PATHS, KINDS, strict=True)))],
    }.items():
        task = load_task(str(write(lines, name)), **WHOLE)
        assert task.labels("train").tolist() == [0] * 10 + [1] * 10


def test_damaged_json_is_named_with_its_line(write):
    with pytest.raises(ValueError, match="Line 2 of the file is no JSON"):
        load_task(str(write(['{"path": "a", "label": "b"}', "{"], "x.jsonl")))


def test_one_hot_columns_are_classes(write):
    is_cat = ["1"] * 10 + ["0"] * 10
    is_dog = ["0.0"] * 10 + ["1.0"] * 10
    lines = ["filename,cat,dog", *rows(PATHS, is_cat, is_dog)]
    task = Task.from_csv(write(lines), **WHOLE)
    assert task.class_names == ("cat", "dog")
    assert task.labels("train").tolist() == [0] * 10 + [1] * 10
    lines[5] = lines[5].replace("1,0.0", "1,1")
    with pytest.raises(ValueError, match="Line 6 .*--multi-label"):
        Task.from_csv(write(lines))


def test_two_columns_that_may_be_the_label_must_agree(write):
    numbers = ["0"] * 10 + ["1"] * 10
    lines = ["path,class_id,class_name", *rows(PATHS, numbers, KINDS)]
    assert Task.from_csv(write(lines), **WHOLE).class_names == ("cat", "dog")
    lines[1] = lines[1].replace("0,cat", "1,cat")
    with pytest.raises(ValueError, match=r"'class_name', 'class_id'"):
        Task.from_csv(write(lines))


def test_several_columns_are_tasks_with_the_same_test_images(write):
    ages = [str(n % 2) for n in range(20)]
    ages[7] = ""
    table = write(["path,kind,age", *rows(PATHS, KINDS, ages)])
    with pytest.raises(ValueError, match="Line 9 .*lacks"):
        load_tasks(str(table), label_column=["kind", "age"])
    table = write(["path,kind,age", *rows(PATHS, KINDS, ages[::-1])])
    ages[7] = "1"
    table = write(["path,kind,age", *rows(PATHS, KINDS, ages)])
    tasks = load_tasks(str(table), label_column=["kind", "age"], seed=3)
    kind, age = tasks["kind"], tasks["age"]
    assert (kind.name, age.name) == ("pets-kind", "pets-age")
    for split in ("train", "validation", "test"):
        names = [
            [task.split(split).name(i) for i in range(len(task.split(split)))]
            for task in (kind, age)
        ]
        assert names[0] == names[1]
    assert set(np.bincount(age.labels("test"))) == {2}
    # A run keeps how it was, and is measured on the same images.
    again = load_task(str(table), label_column="age", **age.held_out.to_dict())
    assert again.fingerprint == age.fingerprint


def test_columns_say_nothing_of_a_folder(two_classes):
    with pytest.raises(ValueError, match="--label-column.*says nothing of a"):
        load_task(str(two_classes), label_column="kind")


@pytest.mark.parametrize("sign", ["|", ";", " "])
def test_an_image_may_have_several_classes(write, sign):
    labels = [f"cat{sign}small", "dog", "", f"dog{sign}small"] * 5
    path = write(["path\tlabel", *rows(PATHS, labels, separator="\t")])
    task = load_task(str(path), multi_label=True, **WHOLE)
    assert task.multi_label
    assert task.class_names == ("cat", "dog", "small")
    assert task.labels("train")[:4].tolist() == [
        [1, 0, 1],
        [0, 1, 0],
        [0, 0, 0],
        [0, 1, 1],
    ]
    with pytest.raises(ValueError, match="lacks a path or a label"):
        load_task(str(path))


def test_several_rows_of_an_image_are_several_classes(write):
    lines = ["path,label", *rows(PATHS, KINDS), "cat/000.png,small"]
    with pytest.raises(ValueError, match=r"lines 2 and 22.*--multi-label"):
        load_task(str(write(lines)))
    task = load_task(str(write(lines)), multi_label=True, **WHOLE)
    assert task.labels("train")[0].tolist() == [1, 0, 1]


def test_rows_of_zeros_and_ones_are_several_classes(write):
    marks = [rows(["1", "1"], ["0", "1"])[n % 2] for n in range(20)]
    path = write(["filename, cat, dog", *rows(PATHS, marks)])
    task = load_task(str(path), multi_label=True, **WHOLE)
    assert task.labels("train")[:2].tolist() == [[1, 0], [1, 1]]


def test_each_class_of_several_is_shared_out():
    labels = np.zeros((100, 3), "int32")
    labels[:, 0], labels[::2, 1], labels[::25, 2] = 1, 1, 1
    images = np.zeros((100, 8, 8, 3), "uint8")
    task = Task.from_arrays(images, labels, multi_label=True, test=0.25)
    assert task.labels("test").sum(axis=0).tolist() == [25, 13, 1]
    with pytest.raises(ValueError, match="can't be drawn"):
        task.subset(2)
    assert task.only(["0", "2"]).labels("test").shape == (25, 2)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([[0, 2]] * 4, "must be 0 or 1.*label=2 in row 0, column 1"),
        ([0, 1, 0, 1], r"rows of zeros and ones"),
    ],
)
def test_bad_rows_of_classes_are_refused(labels, words):
    images = np.zeros((4, 8, 8, 3), "uint8")
    with pytest.raises(ValueError, match=words):
        Task.from_arrays(images, labels, ["a", "b"], multi_label=True)
