"""A TFDS builder for Stanford 40 Actions, which TFDS itself lacks."""

import pathlib
from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds

ACTIONS = (
    "applauding",
    "blowing_bubbles",
    "brushing_teeth",
    "cleaning_the_floor",
    "climbing",
    "cooking",
    "cutting_trees",
    "cutting_vegetables",
    "drinking",
    "feeding_a_horse",
    "fishing",
    "fixing_a_bike",
    "fixing_a_car",
    "gardening",
    "holding_an_umbrella",
    "jumping",
    "looking_through_a_microscope",
    "looking_through_a_telescope",
    "playing_guitar",
    "playing_violin",
    "pouring_liquid",
    "pushing_a_cart",
    "reading",
    "phoning",
    "riding_a_bike",
    "riding_a_horse",
    "rowing_a_boat",
    "running",
    "shooting_an_arrow",
    "smoking",
    "taking_photos",
    "texting_message",
    "throwing_frisby",
    "using_a_computer",
    "walking_the_dog",
    "washing_dishes",
    "watching_TV",
    "waving_hands",
    "writing_on_a_board",
    "writing_on_a_book",
)


class Stanford40Actions(tfds.core.GeneratorBasedBuilder):
    """People doing one of 40 things: 4,000 training and 5,532 test images.

    Reference:
        [Yao et al., 2011](http://vision.stanford.edu/Datasets/40actions.html)

    Examples:
        >>> Stanford40Actions.name
        'stanford40_actions'
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "The authors' images and splits."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = """\
    Download `Stanford40_JPEGImages.zip` and `Stanford40_ImageSplits.zip` from
    http://vision.stanford.edu/Datasets/40actions.html and put both into
    `manual_dir` (by default `~/tensorflow_datasets/downloads/manual`), zipped
    or unpacked as `JPEGImages/` and `ImageSplits/`.
    """

    def _info(self) -> Any:
        return tfds.core.DatasetInfo(
            builder=self,
            description="People doing one of 40 things, in single images.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(),
                    "label": tfds.features.ClassLabel(names=list(ACTIONS)),
                    "image/filename": tfds.features.Text(),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="http://vision.stanford.edu/Datasets/40actions.html",
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        images = _unpacked(dl_manager, "JPEGImages")
        lists = _unpacked(dl_manager, "ImageSplits")
        return {
            part: self._generate_examples(images, lists, part)
            for part in ("train", "test")
        }

    def _generate_examples(
        self, images: pathlib.Path, lists: pathlib.Path, part: str
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for action in ACTIONS:
            text = (lists / f"{action}_{part}.txt").read_text()
            for name in text.split():
                yield (
                    name,
                    {
                        "image": images / name,
                        "label": action,
                        "image/filename": name,
                    },
                )


def _unpacked(dl_manager: Any, name: str) -> Any:
    """The folder `name`, out of the archive if it is still packed."""
    folder = dl_manager.manual_dir
    if (folder / name).is_dir():
        return folder / name
    archive = folder / f"Stanford40_{name}.zip"
    if not archive.exists():
        raise FileNotFoundError(
            f"Stanford 40 Actions needs `{name}/` or `{archive.name}`, from "
            "http://vision.stanford.edu/Datasets/40actions.html. "
            f"Received: manual_dir={str(folder)!r}"
        )
    content = dl_manager.extract(archive)
    # The archive may hold the folder or its files.
    return content / name if (content / name).is_dir() else content
