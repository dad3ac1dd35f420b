"""Which folders of a data set are splits, which are classes."""

import pathlib
import re
from collections import Counter
from collections.abc import Sequence

from keras_snow.data.image_files import files_below
from keras_snow.data.image_files import subfolders
from keras_snow.data.split_names import SPLITS
from keras_snow.data.split_names import is_filler
from keras_snow.data.split_names import roles_of

# Words that are the names of classes, too.
_ALSO_CLASSES = {"train", "trains", "training", "valid"}
_IMAGES = {"image", "images", "img", "imgs", "jpegimages", "pngimages"}
# What lies beside the images of public data sets.
_OTHER_FILES = re.compile(
    r"\.(txt|md|rst|csv|tsv|jsonl?|xml|ya?ml|mat|np[yz]|pkl|h5|hdf5|parquet"
    r"|arrow|html?|pdf|docx?|xlsx?|py|m|ipynb|log|ini|cfg)",
    re.IGNORECASE,
)
_HIDE = "Move it elsewhere, or let its name begin with a dot"


def split_folders(root: pathlib.Path) -> dict[str, pathlib.Path]:
    """Returns the folder of each split; of one tree it is the tree itself.

    Folders are splits if all of them bear names of splits, see `roles_of`: a
    class may be called "train". Each lies in the order of `SPLITS`. A folder
    that only wraps another one is left out.

    Args:
        root: The folder of the data set.

    Raises:
        ValueError: If what the folders are can't be told, or they are splits
            without train, parts without labels, sets of a few-shot study or
            domains; the message says what was seen.
    """
    root = _unwrapped(root)
    folders = subfolders(root)
    roles = roles_of(folder.name for folder in folders)
    _refuse_mixtures(root, folders, roles)
    if not folders or not set(roles.values()) <= {*SPLITS}:
        return {"train": root}
    found: dict[str, pathlib.Path] = {}
    for folder in folders:
        split = roles[folder.name] or ""
        if split in found:
            raise ValueError(
                f"Two folders hold the {split} images. Keep one of them. "
                f"Received: {found[split].name!r} and {folder.name!r} in "
                f"{str(root)!r}"
            )
        found[split] = folder
    if "train" not in found:
        raise ValueError(
            "A folder with splits needs `train/` too. "
            f"Received: path={str(root)!r} with {[x.name for x in folders]}"
        )
    return {name: _unwrapped(found[name]) for name in SPLITS if name in found}


def check_class_folders(root: pathlib.Path) -> None:
    """Looks whether the folders of a split can be its classes.

    Args:
        root: The folder of the split.

    Raises:
        ValueError: If they look like domains, or like the parts of a data set
            with another layout.
    """
    folders = subfolders(root)
    if len(folders) == 1 and subfolders(folders[0]):
        (only,) = folders
        raise ValueError(
            "There is one folder alone, which would be the only class. If the "
            f"classes lie in it, name it as the task: `{only}`. Received: "
            f"path={str(root)!r} with {only.name!r}"
        )
    _refuse_domains(root, folders)
    _refuse_other_parts(root, folders)


def check_same_classes(found: dict[str, pathlib.Path]) -> None:
    """Looks whether splits have classes, and not each their own.

    Args:
        found: What `split_folders` returned.

    Raises:
        ValueError: If they have not.
    """
    classes = {
        split: {each.name for each in subfolders(folder)}
        for split, folder in found.items()
    }
    for split, folder in found.items():
        known = classes[split] & classes["train"]
        named = {x for x in classes[split] if not is_filler(x)}
        if not known | named and any(files_below(folder)):
            raise ValueError(_without_labels(folder))
    others = [split for split in found if split != "train" and classes[split]]
    if others and not any(classes[x] & classes["train"] for x in others):
        raise ValueError(_few_shot(found["train"].parent, [*found.values()]))


def _unwrapped(folder: pathlib.Path) -> pathlib.Path:
    """Returns the folder inside one that holds nothing else, as archives do.

    The inner one must bear no name of its own, or hold splits: else it is a
    class.
    """
    inner = subfolders(folder)
    if len(inner) != 1 or not subfolders(inner[0]):
        return folder
    (only,) = inner
    roles = [roles_of([each.name])[each.name] for each in (folder, only)]
    splits = roles_of(each.name for each in subfolders(only)).values()
    if (
        _plain(only.name) == _plain(folder.name)
        or (roles[0] == roles[1] and roles[0] in SPLITS)
        or ("train" in splits and {*splits} <= {*SPLITS})
        or is_filler(only.name)
    ):
        return _unwrapped(only)
    return folder


def _refuse_mixtures(
    root: pathlib.Path,
    folders: Sequence[pathlib.Path],
    roles: dict[str, str | None],
) -> None:
    """Splits are no classes, nor is what lies beside them a split."""
    deep = [folder for folder in folders if subfolders(folder)]
    sets = [x for x in deep if roles[x.name] in ("few-shot", *SPLITS)]
    if len(sets) > 1 and "few-shot" in {roles[x.name] for x in sets}:
        raise ValueError(_few_shot(root, sets))
    splits = [x for x in folders if roles[x.name] in SPLITS]
    others = [x for x in folders if x not in splits]
    for folder in others:
        if roles[folder.name] == "unlabelled":
            raise ValueError(_without_labels(folder, "by its name"))
    if not others:
        return
    if any(folder in deep for folder in splits):
        raise ValueError(
            "Beside the folders of splits lies another one, which is none of "
            f"them. {_HIDE}. Received: folder={others[0].name!r} beside "
            f"{[x.name for x in splits]} in {str(root)!r}"
        )
    for folder in splits:
        if _plain(folder.name) not in _ALSO_CLASSES:
            raise ValueError(_without_labels(folder))


def _without_labels(
    folder: pathlib.Path, why: str = "without class folders"
) -> str:
    count = sum(1 for _ in files_below(folder))
    return (
        f"The folder `{folder.name}` holds images without labels ({count} "
        f"files, {why}). {_HIDE}; if it is a class, rename it. "
        f"Received: path={str(folder)!r}"
    )


def _few_shot(root: pathlib.Path, folders: Sequence[pathlib.Path]) -> str:
    seen = [f"{x.name} ({len(subfolders(x))} classes)" for x in folders]
    return (
        "Each of these folders holds classes of its own, as the sets of a "
        "few-shot study do, so they are no splits or classes of one task. Name "
        f"one of them as the task, such as `{folders[0]}`, or all of them to "
        f"`keras-snow fewshot`. Received: "
        f"path={str(root)!r} with {', '.join(seen)}"
    )


def _refuse_domains(
    root: pathlib.Path, folders: Sequence[pathlib.Path]
) -> None:
    """The same folders within each: classes within domains, most likely."""
    seen: Counter[str] = Counter()
    for folder in folders:
        inner = [x.name for x in subfolders(_unwrapped(folder))]
        if len(inner) < 2 and "train" not in roles_of(inner).values():
            return
        seen.update({_plain(name) for name in inner})
    shared = [x for x, count in seen.items() if count > len(folders) / 2]
    if len(folders) < 2 or len(shared) < len(seen) / 2:
        return
    raise ValueError(
        f"These folders hold the same folders ({_some(sorted(shared))}), as "
        "domains or parts of one task do, so what the classes are can't be "
        f"told. Name one of them as the task, such as `{folders[0]}`. If they "
        "are the classes, list images and labels in a table (`.csv`). "
        f"Received: path={str(root)!r} with {_some([x.name for x in folders])}"
    )


def _refuse_other_parts(
    root: pathlib.Path, folders: Sequence[pathlib.Path]
) -> None:
    """Lists and annotations beside `images/`: the classes lie elsewhere."""
    part = next((x for x in folders if _holds_no_pictures(x)), None)
    named = [x for x in folders if _plain(x.name) in _IMAGES]
    if len(folders) < 2 or not (part or named):
        return
    inner = [x for x in named or folders if x != part and subfolders(x)]
    advice = "List images and labels in a table (`.csv`)"
    if len(inner) == 1:
        advice = f"Name the folder of the class folders: `{inner[0]}`"
    raise ValueError(
        f"The folder `{(part or named[0]).name}` can be no class: it holds "
        f"{'no images' if part else 'the images of all classes'}. {advice}. "
        f"Received: path={str(root)!r} with {_some([x.name for x in folders])}"
    )


def _holds_no_pictures(folder: pathlib.Path) -> bool:
    """Tells whether there are files below, and all of them of other kinds."""
    found = None
    for found in files_below(folder):
        if not _OTHER_FILES.fullmatch(found.suffix):
            return False
    return found is not None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _some(names: Sequence[str]) -> str:
    return f"{', '.join(names[:4])}{', ...' if names[4:] else ''}"
