"""Shards, records, annotations and arrays: what is special to each."""

from types import SimpleNamespace

import numpy as np
import pytest

from keras_snow.data import Task
from keras_snow.data import load_task
from tests.contracts import forms

DATA = forms.draw()
WHOLE = {"validation": 0, "test": 0}


class FakeDataset:
    """What is used of `datasets.Dataset`, which is no dependency."""

    info = SimpleNamespace(dataset_name="pets")
    features = {"image": "Image", "label": SimpleNamespace(names=forms.CLASSES)}

    def __init__(self, examples):
        self.examples = examples

    def with_format(self, kind):
        assert kind == "arrow"
        return self

    def __getitem__(self, rows):
        assert rows == slice(None)
        return forms.arrow_of(self.examples)


def test_a_dataset_of_hugging_face():
    data = {split: FakeDataset(rows) for split, rows in DATA.items()}
    task = Task.from_hugging_face(data, validation=0)
    assert task.class_names == forms.CLASSES
    for split, examples in DATA.items():
        assert task.labels(split).tolist() == [label for _, label in examples]
        pixels = task.split(split).read(2)
        np.testing.assert_array_equal(pixels, examples[2][0])
    with pytest.raises(TypeError, match="`Dataset`.*ndarray"):
        Task.from_hugging_face(np.zeros(3))
    with pytest.raises(ValueError, match=r"splits=\['extra'\]"):
        Task.from_hugging_face({"extra": data["test"]})


def test_records_of_tensorflow(tmp_path):
    tf = pytest.importorskip("tensorflow")

    def feature(value):
        if isinstance(value, bytes):
            held = tf.train.BytesList(value=[value])
            return tf.train.Feature(bytes_list=held)
        held = tf.train.Int64List(value=[value])
        return tf.train.Feature(int64_list=held)

    for split, examples in DATA.items():
        path = tmp_path / f"pets-{split}.tfrecord-00000-of-00001"
        with tf.io.TFRecordWriter(str(path)) as writer:
            for pixels, label in examples:
                features = {
                    "image/encoded": forms.encode(pixels),
                    "image/height": 32,
                    "image/class/label": label,
                    "image/class/text": forms.CLASSES[label].encode(),
                }
                features = {k: feature(v) for k, v in features.items()}
                example = tf.train.Example(
                    features=tf.train.Features(feature=features)
                )
                writer.write(example.SerializeToString())
    task = load_task(str(tmp_path), validation=0)
    assert task.class_names == forms.CLASSES
    for split, examples in DATA.items():
        assert task.labels(split).tolist() == [label for _, label in examples]
        pixels = task.split(split).read(1)
        np.testing.assert_array_equal(pixels, examples[1][0])
    path = tmp_path / "pets-test.tfrecord-00000-of-00001"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match="cut short, compressed, or no TFRec"):
        load_task(str(tmp_path))


def test_annotations_with_several_classes(tmp_path):
    path = forms.coco_file(tmp_path, {"train": DATA["train"]})
    text = path.read_text()
    more = '"annotations": [{"image_id": 0, "category_id": 9}, '
    path.write_text(text.replace('"annotations": [', more))
    with pytest.raises(ValueError, match="Image 0 has several.*--multi-label"):
        load_task(str(path))
    task = load_task(str(path), multi_label=True, **WHOLE)
    assert task.labels("train")[:2].tolist() == [[1, 0, 1], [0, 1, 0]]
    path.write_text(text.replace('"category_id": 9', '"category_id": 1'))
    with pytest.raises(ValueError, match="not there.*category_id=1"):
        load_task(str(path))


def test_splits_with_other_classes_are_no_task(tmp_path):
    root = forms.table_of_each_split(tmp_path, DATA)
    text = (root / "test.csv").read_text()
    (root / "test.csv").write_text(text.replace("cow", "elk"))
    with pytest.raises(ValueError, match="few-shot study.*class='elk'"):
        load_task(str(root))


def test_a_shard_without_a_split_among_others_is_named(tmp_path):
    root = forms.web_dataset(tmp_path, DATA)
    forms.put_tar(root / "more.tar", DATA["test"], "cls")
    with pytest.raises(ValueError, match=r"names of splits.*more\.tar"):
        load_task(str(root))


def test_a_tar_of_other_files_is_an_archive(tmp_path):
    (tmp_path / "pets.tar").write_bytes(bytes(10240))
    with pytest.raises(ValueError, match="Unpack it"):
        load_task(str(tmp_path / "pets.tar"))


def test_a_cell_without_an_image_is_named(tmp_path):
    import pyarrow
    from pyarrow import parquet

    table = forms.arrow_of(DATA["train"]).to_pylist()
    table[3]["image"] = {"bytes": None, "path": "no.png"}
    path = tmp_path / "x.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(table), path)
    with pytest.raises(ValueError, match="Row 3 of the table holds no image"):
        load_task(str(path))
    table[3]["image"] = {"bytes": b"nothing", "path": None}
    parquet.write_table(pyarrow.Table.from_pylist(table), path)
    with pytest.raises(ValueError, match=r"row 3 of x\.parquet"):
        load_task(str(path))
    assert len(load_task(str(path), skip_bad=True).skipped) == 1


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"X": 1, "images": 1, "y": 1}, "Two arrays may be the images"),
        ({"X_train": 1, "labels": 1, "y_test": 1}, "holds `y_test`, and no im"),
        ({"pictures": 1}, "must hold `images` and `labels`"),
    ],
)
def test_arrays_that_are_not_clear_are_refused(tmp_path, arrays, words):
    held = {name: np.zeros((2, 8, 8, 3), "uint8") for name in arrays}
    np.savez(tmp_path / "x.npz", **held)
    with pytest.raises(ValueError, match=words):
        load_task(str(tmp_path / "x.npz"))


def test_a_word_that_is_no_class_is_refused(tmp_path):
    images = np.zeros((2, 8, 8, 3), "uint8")
    arrays = {"x": images, "y": ["a", "c"], "class_names": ["a", "b"]}
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(ValueError, match="none of the classes.*label='c'"):
        load_task(str(tmp_path / "x.npz"))
