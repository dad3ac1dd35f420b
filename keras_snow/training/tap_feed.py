"""What a run is fitted on when the source's maps are cached."""

import contextlib
import hashlib
import json
import math
import pathlib
import shutil
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_snow.core.lock import exclusive
from keras_snow.core.memory import check_memory
from keras_snow.core.progress import say
from keras_snow.data.batches import Batches
from keras_snow.data.batches import timed
from keras_snow.data.exit_guard import end_with_process
from keras_snow.data.exit_guard import keep_with
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.views import Views
from keras_snow.models.shared_pass import split_at_source
from keras_snow.training.feed import ImageFeed
from keras_snow.training.fingerprint import describe_task
from keras_snow.training.tap_cache import TapCache
from keras_snow.training.tap_cache import TapLayout

TapReader = Callable[[int], tuple[dict[str, np.ndarray], np.ndarray]]
# Keeps this draw apart from those of the data's order and augmentation.
_VIEW = 2


class TapFeed(ImageFeed):
    """Feeds images and the source's cached maps to what is trained on them.

    The source runs once over `cache_taps` views of each training image and
    over the validation images. An epoch shows one view of each image, the next
    epoch the next. The first view is the evaluation crop, view v what the
    image looks like in epoch v of a run without the cache.

    Args:
        *args: Of `ImageFeed`; `split_at_source` can part the model.
        folder: Where to keep the maps, unless the options name a folder;
            `None` keeps them in memory.

    Raises:
        ValueError: If the model has no source, or the maps take more than
            `cache_limit_gb`.
        OSError: If the disk has no room for them.
    """

    def __init__(self, *args: Any, folder: pathlib.Path | None) -> None:
        super().__init__(*args)
        self.whole = self.model
        self.source, self.model = split_at_source(self.whole)
        self.views = self.config.cache_taps
        shared = self.config.tap_folder
        place = folder if shared is None else pathlib.Path(shared)
        self.folder = place and place / self._key()
        if self.folder is not None and shared is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        self.layout = self._find_layout()
        self._check_size()
        self._shown = Views(
            self.task,
            self.image_size,
            self.views,
            self.recipe.augmentation,
            self.seed,
            self.recipe.batch_size,
            self.config.cache,
        )
        self._train = self._shown.training
        self._caches: dict[str, TapCache] = {}

    def training(self, first_epoch: int = 0) -> Batches:
        """Returns the training batches from an epoch on.

        Args:
            first_epoch: The epoch, from 0.
        """
        cache = self._cache("train")
        reader, size = self._train, self.recipe.batch_size
        names = self.layout.shapes

        def read(step: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
            epoch, within = divmod(int(step), reader.steps)
            epoch += first_epoch
            start = within * size
            chosen = reader.order(epoch)[start : start + size]
            rows = chosen * self.views + self._view(epoch)[chosen]
            return cache.read(rows, names), reader.labels[chosen]

        return self._batches(read, reader.steps, size, endless=True)

    def validation(self) -> Any:
        """Returns the validation images and maps in order, if there are any."""
        count = len(self.task.splits.get("validation", ()))
        if not count:
            return None
        cache = self._cache("validation")
        size, names = self.config.evaluation_batch_size, self.layout.shapes
        labels = self.task.labels("validation").astype("int32")

        def read(step: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
            start = int(step) * size
            rows = np.arange(start, min(start + size, count))
            return cache.read(rows, names), labels[rows]

        return self._batches(read, -(-count // size), None, endless=False).data

    def calibrate(self) -> None:
        """Lets the model measure its constants on training images."""
        images = ImageFeed(
            self.whole,
            self.task,
            self.recipe,
            self.image_size,
            self.seed,
            self.config,
        )
        images.calibrate()

    def close(self) -> None:
        """Lets go of the maps; those on disk stay for a resumed run."""
        self._caches.clear()

    def _find_layout(self) -> TapLayout:
        return TapLayout.of(self.source, self.image_size)

    def _key(self) -> str:
        """Returns a name that only runs on the same views share."""
        known = {
            "task": describe_task(self.task),
            "source": self.source.fingerprint,
            "image_size": self.image_size,
            "seed": self.seed,
            "views": self.views,
            "augmentation": self.recipe.augmentation,
            # Two folders may hold other images under the same names.
            "images": [
                [split.cache_key(index) for index in range(len(split))]
                for name, split in sorted(self.task.splits.items())
                if name != "test"
            ],
            "precision": self.whole.dtype_policy.name,
            "backend": keras.backend.backend(),
            "engine": self.source.engine,
        }
        return _digest(known)

    def _view(self, epoch: int) -> np.ndarray:
        """Which view of each image an epoch shows."""
        count = len(self._train.labels)
        first = np.random.default_rng((self.seed, _VIEW)).integers(
            self.views, size=count
        )
        return (first + epoch) % self.views

    def _cache(self, split: str) -> TapCache:
        if split not in self._caches:
            rows = self._rows()[split]
            read = (
                self._shown.read
                if split == "train"
                else self._plain_reader("validation")
            )
            with self._alone():
                folder, layout = self._place(split)
                cache = TapCache(layout, rows, folder)
                cache.fill(self.source, read, self.config.verbose)
            self._caches[split] = cache
        return self._caches[split]

    def _alone(self) -> contextlib.AbstractContextManager[None]:
        """Waits for another process that fills the same folder."""
        if self.folder is None:
            return contextlib.nullcontext()
        self.folder.mkdir(parents=True, exist_ok=True)
        refusal = f"This folder is in use. Received: {str(self.folder)!r}"
        return exclusive(self.folder / ".lock", refusal, math.inf)

    def _place(self, split: str) -> tuple[pathlib.Path | None, TapLayout]:
        """Where the maps are or will be: a run with more taps has them too."""
        if self.folder is None or self.config.tap_folder is None:
            return self.folder and self.folder / split, self.layout
        for folder in sorted(self.folder.glob(f"*/{split}")):
            layout = TapLayout.of_folder(folder)
            if layout is not None and layout.covers(self.layout):
                return folder, layout
        own = _digest(list(self.layout.shapes))
        return self.folder / own / split, self.layout

    def _plain_reader(self, split: str) -> Callable[[int], np.ndarray]:
        batches = evaluation_batches(
            self.task,
            split,
            self.image_size,
            batch_size=1,
            cache=self.config.cache,
        )
        return lambda row: batches.reader(row)[0][0]

    def _rows(self) -> dict[str, int]:
        return {
            "train": len(self.task.splits["train"]) * self.views,
            "validation": len(self.task.splits.get("validation", ())),
        }

    def _check_size(self) -> None:
        rows = sum(self._rows().values())
        size = rows * self.layout.bytes_per_image / 1e9
        limit = self.config.cache_limit_gb
        if size > limit:
            raise ValueError(
                f"The maps of {self.views} views of each training image would "
                f"take {size:.2f} GB, more than the limit. Cache fewer views, "
                "lower `image_size`, or raise `cache_limit_gb`. Received: "
                f"cache_taps={self.views}, cache_limit_gb={limit}"
            )
        if self.config.verbose:
            say(f"The kept maps of {rows} images take {1000 * size:.1f} MB.")
        place, _ = self._place("train")
        if place is None:
            check_memory("what is kept of the images", int(1e9 * size))
            return
        if place.exists():
            return
        parent = next(folder for folder in place.parents if folder.exists())
        free = shutil.disk_usage(parent).free / 1e9
        if size > free:
            raise OSError(
                f"There is not enough space left for the cached maps: "
                f"{size:.2f} GB are needed. Received: {free:.2f} GB free in "
                f"{str(parent)!r}"
            )

    def _batches(
        self, read: TapReader, steps: int, size: int | None, endless: bool
    ) -> Batches:
        known = None if endless else steps
        ready: dict[int, float] = {}
        read_batch = timed(read, ready) if endless else read
        if keras.backend.backend() == "tensorflow":
            # Several classes an image are a row each.
            labels = (size, *self._train.labels.shape[1:])
            data = _tensorflow_dataset(read_batch, known, self.layout, labels)
        else:
            data = TapSequence(read_batch, known, workers=2)
        count = steps * (size or self.config.evaluation_batch_size)
        return Batches(
            data=data,
            steps=steps,
            num_examples=count,
            batch_size=size or self.config.evaluation_batch_size,
            image_size=self.image_size,
            reader=read,
            ready=ready,
        )


def _digest(plain: Any) -> str:
    text = json.dumps(plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class TapSequence(keras.utils.PyDataset):
    """Batches of cached maps for backends other than TensorFlow.

    Args:
        reader: Function of a batch's number that gives maps and labels.
        steps: How many batches there are; `None` if they never end.
        **kwargs: Of `keras.utils.PyDataset`.
    """

    def __init__(
        self, reader: TapReader, steps: int | None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.reader = reader
        self.steps = steps

    def __getitem__(
        self, index: int
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return self.reader(index)

    @property
    def num_batches(self) -> int | None:
        return self.steps


def _tensorflow_dataset(
    read: TapReader,
    steps: int | None,
    layout: TapLayout,
    shape_of_labels: tuple[int | None, ...],
) -> Any:
    import tensorflow as tf

    names = list(layout.shapes)
    side = layout.image_size

    def flat(step: int) -> list[np.ndarray]:
        found, labels = read(step)
        return [labels, found["image"], *(found[name] for name in names)]

    called = end_with_process(flat)

    def load(step: Any) -> Any:
        types = [tf.int32, tf.uint8, *[tf.float16] * len(names)]
        labels, *values = tf.numpy_function(
            called, [step], types, stateful=False
        )
        labels.set_shape(shape_of_labels)
        shapes = [(side, side, 3), *layout.shapes.values()]
        for value, shape in zip(values, shapes, strict=True):
            value.set_shape((shape_of_labels[0], *shape))
        return dict(zip(["image", *names], values, strict=True)), labels

    numbers = (
        tf.data.Dataset.counter()
        if steps is None
        else tf.data.Dataset.range(steps)
    )
    loaded = numbers.map(load, num_parallel_calls=2, deterministic=True)
    return keep_with(loaded.prefetch(1), flat)
