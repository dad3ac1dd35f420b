"""Small stand-ins of every form of data, all with the same images."""

import io
import json
import pathlib
import pickle
import tarfile

import numpy as np
from PIL import Image

CLASSES = ("cat", "cow", "dog")
SIDE = 32


def draw():
    """Returns `{split: [(pixels, class number)]}`: 12 for train, 6 for test."""
    generator = np.random.default_rng(0)
    shape = (SIDE, SIDE, 3)
    return {
        split: [
            (generator.integers(0, 256, shape, dtype="uint8"), n % 3)
            for n in range(count)
        ]
        for split, count in {"train": 12, "test": 6}.items()
    }


def encode(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def put(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(pixels))


def put_lines(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(str, lines)) + "\n", encoding="utf-8")


def each(data):
    """Yields split, number in all, pixels and class name."""
    number = 0
    for split, examples in data.items():
        for pixels, label in examples:
            number += 1
            yield split, number, pixels, CLASSES[label]


FORMS = {}


def form(*, other="test", **options):
    """Registers a writer; `other` is what the second split is called in it.

    Of a form without splits it is None: the second part is not written.
    """

    def keep(function):
        FORMS[function.__name__] = (function, other, options)
        return function

    return keep


@form()
def folder(root, data):
    for split, n, pixels, name in each(data):
        put(root / split / name / f"{n:02}.png", pixels)
    return root


@form()
def csv(root, data):
    lines = ["path,label,split"]
    for split, n, pixels, name in each(data):
        put(root / f"{n:02}.png", pixels)
        lines.append(f"{n:02}.png,{name},{split}")
    put_lines(root / "pets.csv", lines)
    return root / "pets.csv"


@form()
def ids_and_one_hot(root, data):
    lines = ["image_id\tcat\tcow\tdog\tis_train"]
    for split, n, pixels, name in each(data):
        put(root / "images" / f"{n:02}.jpg", pixels)
        marks = "\t".join(str(int(name == x)) for x in CLASSES)
        lines.append(f"{n:02}\t{marks}\t{split == 'train'}")
    put_lines(root / "pets.tsv", lines)
    return root / "pets.tsv"


@form(other=None)
def list_of_words(root, data):
    lines = []
    for _, n, pixels, name in each(data):
        put(root / f"my pet {n:02}.png", pixels)
        lines.append(f"my pet {n:02}.png {CLASSES.index(name)}")
    put_lines(root / "pets.txt", lines)
    return root / "pets.txt"


@form()
def records(root, data):
    lines = []
    for split, n, pixels, name in each(data):
        put(root / f"{n:02}.png", pixels)
        row = {"file_name": f"{n:02}.png", "label": name, "split": split}
        lines.append(json.dumps(row))
    put_lines(root / "pets.jsonl", lines)
    return root / "pets.jsonl"


@form()
def cub(root, data):
    names = ("images", "image_class_labels", "train_test_split")
    rows = {name: [] for name in names}
    for split, n, pixels, name in each(data):
        number = CLASSES.index(name) + 1
        below = f"{number:03}.{name}/{n:02}.jpg"
        put(root / "images" / below, pixels)
        rows["images"].append(f"{n} {below}")
        rows["image_class_labels"].append(f"{n} {number}")
        rows["train_test_split"].append(f"{n} {int(split == 'train')}")
    classes = [f"{i} {i:03}.{name}" for i, name in enumerate(CLASSES, 1)]
    for name, lines in {**rows, "classes": classes}.items():
        put_lines(root / f"{name}.txt", lines)
    return root


@form()
def stanford_cars(root, data):
    import scipy.io

    kinds = [("fname", object), ("class", "uint8")]
    for split, examples in data.items():
        rows = []
        for n, (pixels, label) in enumerate(examples):
            put(root / f"cars_{split}" / f"{n:05}.jpg", pixels)
            rows.append((f"{n:05}.jpg", label + 1))
        name = "cars_train_annos"
        name = name if split == "train" else "cars_test_annos_withlabels"
        (root / "devkit").mkdir(exist_ok=True)
        found = {"annotations": np.array(rows, kinds)}
        scipy.io.savemat(root / "devkit" / f"{name}.mat", found)
    names = {"class_names": np.array(CLASSES, object)}
    scipy.io.savemat(root / "devkit/cars_meta.mat", names)
    return root


@form()
def flowers(root, data):
    import scipy.io

    labels, places = [], {"train": [], "test": []}
    for split, n, pixels, name in each(data):
        put(root / "jpg" / f"image_{n:05}.jpg", pixels)
        labels.append(CLASSES.index(name) + 1)
        places[split].append(n)
    scipy.io.savemat(root / "imagelabels.mat", {"labels": np.array(labels)})
    scipy.io.savemat(
        root / "setid.mat",
        {"trnid": places["train"], "valid": [], "tstid": places["test"]},
    )
    return root


@form()
def food101(root, data):
    lines = {"train": [], "test": []}
    for split, n, pixels, name in each(data):
        put(root / "images" / name / f"{n}.jpg", pixels)
        lines[split].append(f"{name}/{n}")
    for split, found in lines.items():
        put_lines(root / "meta" / f"{split}.txt", found)
    return root


@form(part="2")
def dtd(root, data):
    lines = {"train": [], "test": [], "val": []}
    for split, n, pixels, name in each(data):
        put(root / "images" / name / f"{name}_{n:04}.jpg", pixels)
        lines[split].append(f"{name}/{name}_{n:04}.jpg")
    for split, found in lines.items():
        put_lines(root / "labels" / f"{split}1.txt", ["no/such.jpg"])
        put_lines(root / "labels" / f"{split}2.txt", found)
    return root


@form()
def stanford40(root, data):
    lines = {}
    for split, n, pixels, name in each(data):
        put(root / "JPEGImages" / f"{name}_{n:03}.jpg", pixels)
        lines.setdefault(f"{name}_{split}", []).append(f"{name}_{n:03}.jpg")
    for name, found in lines.items():
        put_lines(root / "ImageSplits" / f"{name}.txt", found)
    put_lines(root / "ImageSplits/actions.txt", ["action number"])
    return root


@form()
def aircraft(root, data):
    lines = {"train": [], "test": [], "val": []}
    for split, n, pixels, name in each(data):
        put(root / "data/images" / f"{n:07}.jpg", pixels)
        lines[split].append(f"{n:07} {name} 400")
    for split, found in lines.items():
        path = root / "data" / f"images_variant_{split}.txt"
        put_lines(path, found)
    return root


@form()
def pets(root, data):
    lines = {"trainval": [], "test": []}
    for split, n, pixels, name in each(data):
        put(root / "images" / f"{name}_long_{n}.jpg", pixels)
        key = "trainval" if split == "train" else "test"
        lines[key].append(f"{name}_long_{n} 1 1 1")
    for split, found in lines.items():
        put_lines(root / "annotations" / f"{split}.txt", found)
    return root


@form(other="validation")
def tiny_imagenet(root, data):
    lines = []
    for split, n, pixels, name in each(data):
        wnid = f"n0{CLASSES.index(name)}"
        if split == "train":
            put(root / "train" / wnid / "images" / f"{wnid}_{n}.JPEG", pixels)
            continue
        put(root / "val/images" / f"val_{n}.JPEG", pixels)
        lines.append(f"val_{n}.JPEG\t{wnid}\t0\t0\t62\t62")
    put_lines(root / "val/val_annotations.txt", lines)
    put_lines(root / "wnids.txt", ["n00", "n01", "n02"])
    put(root / "test/images/test_0.JPEG", data["test"][0][0])
    return root


@form(other="validation", part="art_painting")
def pacs(root, data):
    lines = {"train": [], "test": []}
    for split, n, pixels, name in each(data):
        below = f"art_painting/{name}/pic_{n:03}.jpg"
        put(root / "kfold" / below, pixels)
        lines[split].append(f"{below} {CLASSES.index(name) + 1}")
    for split, name in {"train": "train", "test": "crossval"}.items():
        path = root / f"art_painting_{name}_kfold.txt"
        put_lines(path, lines[split])
    put_lines(root / "photo_train_kfold.txt", ["photo/dog/x.jpg 3"])
    return root


@form(other=None, part="Art")
def office_home(root, data):
    lines = []
    for _, n, pixels, name in each(data):
        put(root / "Art" / name / f"{n:05}.jpg", pixels)
        lines.append(f"Art/{name}/{n:05}.jpg {CLASSES.index(name)}")
    put_lines(root / "Art.txt", lines)
    for name in ("Clipart", "Product"):
        put_lines(root / f"{name}.txt", [f"{name}/dog/1.jpg 2"])
    return root


@form(other=None, part="Art")
def domains(root, data):
    for _, n, pixels, name in each(data):
        for domain in ("Art", "Photo"):
            put(root / domain / name / f"{n:05}.jpg", pixels)
    return root


@form(other=None, part="background")
def omniglot(root, data):
    for _, n, pixels, name in each(data):
        number = CLASSES.index(name) + 1
        below = pathlib.Path("Latin", f"character{number:02}", f"{n:04}.png")
        put(root / "images_background" / below, pixels)
    put(root / "images_evaluation/Angelic/character01/1.png", pixels)
    return root


@form(other=None)
def omniglot_alphabets(root, data):
    for _, n, pixels, name in each(data):
        number = CLASSES.index(name) + 1
        put(root / "Latin" / f"character{number:02}" / f"{n:04}.png", pixels)
    return root


def flat(examples):
    pixels = np.stack([pixels for pixels, _ in examples])
    return pixels.transpose(0, 3, 1, 2).reshape(len(pixels), -1)


def put_pickle(path, found):
    path.write_bytes(pickle.dumps(found, protocol=2))


@form()
def cifar10(root, data):
    train = data["train"]
    parts = {"data_batch_1": train[:5], "data_batch_2": train[5:]}
    for name, examples in {**parts, "test_batch": data["test"]}.items():
        labels = [label for _, label in examples]
        found = {b"data": flat(examples), b"labels": labels}
        put_pickle(root / name, found)
    names = [name.encode() for name in CLASSES]
    put_pickle(root / "batches.meta", {b"label_names": names})
    return root


@form(part="coarse")
def cifar100(root, data):
    for split, examples in data.items():
        labels = [label for _, label in examples]
        found = {b"data": flat(examples), b"coarse_labels": labels}
        put_pickle(root / split, found)
    names = [name.encode() for name in CLASSES]
    put_pickle(root / "meta", {b"coarse_label_names": names})
    return root


@form()
def medmnist(root, data):
    arrays = {}
    for split, examples in data.items():
        arrays[f"{split}_images"] = np.stack([x for x, _ in examples])
        labels = np.array([[label] for _, label in examples], "uint8")
        arrays[f"{split}_labels"] = labels
    np.savez(root / "pets.npz", **arrays)
    return root / "pets.npz"


@form()
def metadata_csv(root, data):
    lines = {"train": ["file_name,label"], "test": ["file_name,label"]}
    for split, n, pixels, name in each(data):
        put(root / split / f"{n:02}.png", pixels)
        lines[split].append(f"{n:02}.png,{name}")
    for split, found in lines.items():
        put_lines(root / split / "metadata.csv", found)
    return root


@form()
def metadata_jsonl(root, data):
    lines = []
    for split, n, pixels, name in each(data):
        put(root / split / f"{n:02}.png", pixels)
        path = f"{split}/{n:02}.png"
        row = {"file_name": path, "label": name, "split": split}
        lines.append(json.dumps(row))
    put_lines(root / "metadata.jsonl", lines)
    return root


@form()
def table_of_each_split(root, data):
    lines = {"train": ["id,breed"], "test": ["id,breed"]}
    for split, n, pixels, name in each(data):
        put(root / "images" / f"{n:02}.png", pixels)
        lines[split].append(f"{n:02},{name}")
    for split, found in lines.items():
        put_lines(root / f"{split}.csv", found)
    return root


def coco_of(rows):
    """Annotations of `[(file name, class name)]`."""
    return json.dumps(
        {
            "images": [
                {"id": n, "file_name": path} for n, (path, _) in enumerate(rows)
            ],
            "annotations": [
                {"image_id": n, "category_id": 7 + CLASSES.index(name)}
                for n, (_, name) in enumerate(rows)
            ],
            "categories": [
                {"id": 7 + n, "name": name} for n, name in enumerate(CLASSES)
            ],
        }
    )


@form()
def coco(root, data):
    rows = {"train": [], "test": []}
    for split, n, pixels, name in each(data):
        put(root / split / f"{n:02}.jpg", pixels)
        rows[split].append((f"{n:02}.jpg", name))
    for split, found in rows.items():
        path = root / split / "_annotations.coco.json"
        put_lines(path, [coco_of(found)])
    return root


@form(other=None)
def coco_file(root, data):
    rows = []
    for _, n, pixels, name in each(data):
        put(root / "images" / f"{n:02}.jpg", pixels)
        rows.append((f"{n:02}.jpg", name))
    put_lines(root / "annotations.json", [coco_of(rows)])
    return root / "annotations.json"


def arrow_of(examples):
    import pyarrow

    cells = [{"bytes": encode(pixels), "path": None} for pixels, _ in examples]
    features = {"label": {"names": list(CLASSES), "_type": "ClassLabel"}}
    said = json.dumps({"info": {"features": features}})
    labels = [label for _, label in examples]
    table = pyarrow.table({"image": cells, "label": labels})
    return table.replace_schema_metadata({"huggingface": said})


@form()
def parquet(root, data):
    from pyarrow import parquet

    parts = {"train-00000-of-00002": data["train"][:6]}
    parts["train-00001-of-00002"] = data["train"][6:]
    parts["test-00000-of-00001"] = data["test"]
    (root / "data").mkdir()
    for name, examples in parts.items():
        path = root / "data" / f"{name}.parquet"
        parquet.write_table(arrow_of(examples), path)
    return root


@form(other=None)
def parquet_file(root, data):
    from pyarrow import parquet

    parquet.write_table(arrow_of(data["train"]), root / "pets.parquet")
    return root / "pets.parquet"


def put_tar(path, rows, ending):
    with tarfile.open(path, "w") as archive:
        for n, (pixels, label) in enumerate(rows):
            said = json.dumps({"label": CLASSES[label]})
            said = str(label) if ending == "cls" else said
            for name, held in (
                ("png", encode(pixels)),
                (ending, said.encode()),
            ):
                member = tarfile.TarInfo(f"{n:06}.{name}")
                member.size = len(held)
                archive.addfile(member, io.BytesIO(held))


@form()
def web_dataset(root, data):
    put_tar(root / "pets-train-000000.tar", data["train"][:6], "cls")
    put_tar(root / "pets-train-000001.tar", data["train"][6:], "cls")
    put_tar(root / "pets-test-000000.tar", data["test"], "cls")
    return root


@form(other=None)
def web_dataset_file(root, data):
    put_tar(root / "pets.tar", data["train"], "json")
    return root / "pets.tar"


@form()
def npz_of_words(root, data):
    arrays = {}
    for split, examples in data.items():
        pixels = np.stack([x for x, _ in examples]).transpose(0, 3, 1, 2)
        arrays[f"X_{split}"] = pixels
        arrays[f"y_{split}"] = np.array([CLASSES[x] for _, x in examples])
    np.savez(root / "pets.npz", **arrays)
    return root / "pets.npz"


@form()
def hdf5(root, data):
    import h5py

    with h5py.File(root / "pets.h5", "w") as file:
        for split, examples in data.items():
            file[f"{split}/images"] = np.stack([x for x, _ in examples])
            names = [CLASSES[x] for _, x in examples]
            file[f"{split}/labels"] = np.array(names, "S")
    return root / "pets.h5"
