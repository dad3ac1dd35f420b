"""Tables of paths and labels become tasks, and bad lines are named."""

import pytest

from keras_snow.data import Task
from keras_snow.data import load_task


@pytest.fixture
def write_table(two_classes):
    """Writes a table of `lines` beside the folders of cats and dogs."""

    def write(*lines, name="pets.csv"):
        path = two_classes / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


CATS = [f"cat/{n:03}.png,cat" for n in range(10)]
DOGS = [f"dog/{n:03}.png,dog" for n in range(10)]


def test_paths_are_relative_to_the_table(write_table):
    task = load_task(str(write_table("path,label", *CATS, *DOGS)))
    assert task.name == "pets"
    assert task.class_names == ("cat", "dog")
    assert len(task.splits["train"]) == 14


def test_a_split_column_is_obeyed(write_table):
    table = write_table(
        "label,split,filename",
        *[f"{n % 2},train,cat/{n:03}.png" for n in range(8)],
        "0,val,dog/000.png",
        "1,Test,dog/001.png",
    )
    sizes = [len(part) for part in Task.from_csv(table).splits.values()]
    assert sizes == [8, 1, 1]


def test_a_line_of_names_is_not_needed(write_table):
    task = Task.from_csv(write_table(*CATS, *DOGS), test=0, validation=0)
    assert len(task.splits["train"]) == 20


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_seen(write_table, separator):
    lines = [line.replace(",", separator) for line in CATS + DOGS]
    table = write_table(f"path{separator}label", *lines)
    assert Task.from_csv(table).class_names == ("cat", "dog")


def test_spreadsheets_habits_are_borne(write_table):
    quoted = ['"cat/000.png", "cat, small"', "", "dog/000.png,dog", ",,"]
    task = Task.from_csv(
        write_table("\ufeffpath,label", *quoted[:3]), test=0, validation=0
    )
    assert task.class_names == ("cat, small", "dog")


def test_numbers_are_ordered_by_value(write_table):
    lines = [f"cat/{n:03}.png,{n % 3 + 9}.0" for n in range(9)]
    task = Task.from_csv(write_table("path,label", *lines), test=0)
    assert task.class_names == ("9", "10", "11")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("cat/000.png,1.5", "Line 2 .*neither a name nor a whole number"),
        ("cat/000.png,nan", "Line 2 .*neither a name nor a whole number"),
        ("cat/000.png,", "Line 2 .*lacks a path or a label"),
        (",cat", "Line 2 .*lacks a path or a label"),
        ("cat/000.png", "Line 2 .*too few columns"),
    ],
)
def test_bad_lines_are_named(write_table, line, words):
    with pytest.raises(ValueError, match=words):
        Task.from_csv(write_table("path,label", line, *DOGS))


def test_an_unknown_split_is_named(write_table):
    table = write_table("path,label,split", "cat/000.png,cat,extra")
    with pytest.raises(ValueError, match="Line 2 .*split='extra'"):
        Task.from_csv(table)


def with_splits(name, train, test):
    """Lines of ten cats and ten dogs, of which the last two are for test."""
    parts = [*[train] * 8, *[test] * 2]
    lines = [f"{line},{x}" for x, line in zip(parts, CATS, strict=True)]
    lines += [f"{line},{x}" for x, line in zip(parts, DOGS, strict=True)]
    return [f"path,label,{name}", *lines]


@pytest.mark.parametrize(
    ("name", "train", "test"),
    [
        ("set", "train", "test"),
        ("Dataset", "TRAIN", "TEST"),
        ("data set", "training set", "test set"),
        ("Partition", "Train", "Eval"),
        ("phase", "train", "testing"),
        ("Usage", "Training", "PublicTest"),
        ("whatever", "train", "test"),
        ("is_training_image", "1", "0"),
        ("train", "True", "False"),
        ("in_test", "no", "yes"),
    ],
)
def test_a_split_column_may_have_another_name(write_table, name, train, test):
    table = write_table(*with_splits(name, train, test))
    task = Task.from_csv(table, validation=0)
    sizes = {name: len(part) for name, part in task.splits.items()}
    assert sizes == {"train": 16, "test": 4}


@pytest.mark.parametrize(
    ("name", "values"), [("dataset", ("CUB", "NABirds")), ("sex", "mf")]
)
def test_a_column_without_splits_is_none(write_table, name, values):
    task = Task.from_csv(write_table(*with_splits(name, *values)), test=0.5)
    assert len(task.splits["test"]) == 10


def test_an_unknown_value_among_splits_is_named(write_table):
    lines = with_splits("phase", "train", "test")
    lines[5] = lines[5].replace("train", "extra")
    with pytest.raises(ValueError, match="Line 6 .*phase='extra'"):
        Task.from_csv(write_table(*lines))


def test_two_split_columns_must_agree(write_table):
    first, *lines = with_splits("split_1", "train", "test")
    alike = [f"{first},set", *[f"{x},{x.split(',')[2]}" for x in lines]]
    assert len(Task.from_csv(write_table(*alike)).splits["test"]) == 4
    lines = [f"{first},set", *[f"{line},train" for line in lines]]
    with pytest.raises(ValueError, match=r"not the same.*'split_1', 'set'"):
        Task.from_csv(write_table(*lines))
    lines[0] = "path,label,split,set"
    assert len(Task.from_csv(write_table(*lines)).splits["test"]) == 4


@pytest.mark.parametrize(
    ("line", "what", "seen"),
    [
        ("cat/../cat/003.png,dog,train", "two labels", "'cat' and 'dog'"),
        ("cat/003.png,cat,test", "two splits", "'train' and 'test'"),
    ],
)
def test_an_image_listed_twice_otherwise_is_named(
    write_table, line, what, seen
):
    table = write_table(*with_splits("split", "train", "test"), line)
    words = rf"{what}, in lines 5 and 22.*003\.png.*{seen}"
    with pytest.raises(ValueError, match=words):
        Task.from_csv(table)


def test_an_image_listed_twice_alike_counts_once(write_table):
    table = write_table("path,label", *CATS, *DOGS, "./cat/003.png,cat")
    task = Task.from_csv(table, validation=0, test=0)
    assert len(task.splits["train"]) == 20


def test_negative_numbers_are_refused(write_table):
    lines = ["cat/000.png,-1", "dog/000.png,0"]
    with pytest.raises(ValueError, match="must not be negative"):
        Task.from_csv(write_table("path,label", *lines))


@pytest.mark.parametrize(
    "lines", [["path,label"], [""], ["a,b,c,d", "1,2,3,4"]]
)
def test_tables_without_images_are_refused(write_table, lines):
    with pytest.raises(ValueError, match=r"pets\.csv"):
        Task.from_csv(write_table(*lines))


def test_other_encodings_are_refused(two_classes):
    (two_classes / "x.csv").write_bytes("path,label\né,b".encode("utf-16"))
    with pytest.raises(ValueError, match="UTF-8"):
        Task.from_csv(two_classes / "x.csv")


def test_missing_images_are_named_or_skipped(write_table):
    table = write_table("path,label", *CATS, *DOGS, "dog/nowhere.png,dog")
    with pytest.raises(FileNotFoundError, match=r"nowhere\.png"):
        Task.from_csv(table)
    assert len(Task.from_csv(table, skip_bad=True).skipped) == 1


def test_a_missing_table_is_named():
    with pytest.raises(FileNotFoundError, match=r"no\.csv"):
        load_task("no.csv")
