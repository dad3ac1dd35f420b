"""The names of splits, however they are spelled."""

import re
from collections.abc import Iterable

SPLITS = ("train", "validation", "test")

_TRAIN = "train(?:ing)?"
_VALIDATION = "val(?:id(?:ation)?)?|dev(?:el(?:opment)?)?"
# Each with what names it in one word, without signs between.
_ROLES = {
    "train": f"(?:{_TRAIN})(?:and)?(?:{_VALIDATION})?|trn",
    "validation": _VALIDATION,
    "test": "test(?:ing)?|tst|h[eo]ldout",
    "evaluation": "eval(?:uation)?",
    "unlabelled": "unlabell?ed|nolabel|unsup(?:ervised)?"
    "|pred(?:ict(?:ion)?)?|inference",
    "base": "base|seen",
    "novel": "novel|unseen",
}
# What may stand beside it and says nothing.
_FILLER = (
    "set|data|class(?:e(?=s))?|image|img|picture|photo|split|folder|part|subset|sample|example"
    "|file|meta|public|private|full"
)
_WORD = re.compile(
    rf"(?:(?:{_FILLER})s?)*(?P<role>"
    + "|".join(f"(?P<r{i}>{role})" for i, role in enumerate(_ROLES.values()))
    + rf")s?(?:(?:{_FILLER})s?)*"
)
_FILLERS = re.compile(rf"(?:(?:{_FILLER})s?)+")
_EDGES = re.compile(
    r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])"
)


def roles_of(names: Iterable[str]) -> dict[str, str | None]:
    """Returns what the names of a group of folders or values stand for.

    Case, plural, signs between words, digits and words such as "set" make no
    difference. Another word does, unless names of several splits share it: of
    `seg_train` and `seg_test`, say.

    Args:
        names: The names of all of the group.

    Returns:
        By name: one of `SPLITS`, `"unlabelled"` (images without labels),
        `"few-shot"` (one of the sets of a few-shot study), or None.

    Examples:
        >>> roles_of(["Training_Set", "train station", "Dev"])
        {'Training_Set': 'train', 'train station': None, 'Dev': 'validation'}
        >>> roles_of(["seg_train", "seg_test"])
        {'seg_train': 'train', 'seg_test': 'test'}
    """
    read = {name: _read(name) for name in names}
    shared: dict[tuple[str, ...], set[str | None]] = {}
    for role, rest in read.values():
        shared.setdefault(rest, set()).add(role)
    roles = {
        name: role if not rest or len(shared[rest] - {None}) > 1 else None
        for name, (role, rest) in read.items()
    }
    # Beside a test part the evaluation part is the one to choose by.
    meant = {
        "evaluation": "validation" if "test" in roles.values() else "test",
        "base": "few-shot",
        "novel": "few-shot",
    }
    return {
        name: meant.get(role, role) if role else None
        for name, role in roles.items()
    }


def is_filler(name: str) -> bool:
    """Tells whether a name says nothing, such as `images` or `data set`.

    Args:
        name: Of a folder.

    Examples:
        >>> is_filler("Data_Set"), is_filler("cats")
        (True, False)
    """
    return _FILLERS.fullmatch("".join(words_of(name))) is not None


def words_of(name: str) -> tuple[str, ...]:
    """Returns the words of a name in lower case, without signs and digits.

    Args:
        name: The name.

    Examples:
        >>> words_of("TrainImages-2017")
        ('train', 'images')
    """
    parts = re.split(r"[\W_]+", _EDGES.sub(" ", name))
    return tuple(x.lower() for x in parts if x and not x.isdigit())


def _read(name: str) -> tuple[str | None, tuple[str, ...]]:
    """Returns the role that a name may have, and what else is in the name."""
    words = words_of(name)
    for size in range(len(words), 0, -1):
        found = {
            role: (*words[:start], *words[start + size :])
            for start in range(len(words) - size + 1)
            if (role := _role("".join(words[start : start + size])))
        }
        if len(found) == 1:
            ((role, rest),) = found.items()
            return role, tuple(x for x in rest if not _FILLERS.fullmatch(x))
        if found:
            break
    return None, words


def _role(word: str) -> str | None:
    match = _WORD.fullmatch(word)
    if match is None:
        return None
    names = list(_ROLES)
    return next(
        names[index] for index in range(len(names)) if match[f"r{index}"]
    )
