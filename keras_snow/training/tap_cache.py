"""TapCache: a source's maps of many images, made once and kept in float16."""

import concurrent.futures
import dataclasses
import pathlib
import shutil
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator

import keras
import numpy as np
from keras import ops

from keras_snow.core.allocate import new_array_file
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.core.host_values import replicas_of
from keras_snow.core.progress import watched
from keras_snow.sources.image_size import image_input

ImageReader = Callable[[int], np.ndarray]
MARK = "complete.json"
SOURCE_BATCH = 32


@dataclasses.dataclass(frozen=True)
class TapLayout:
    """How the maps of one image lie in a row of numbers.

    Args:
        image_size: Pixels of a side.
        shapes: Shape of what is kept of each tap, its maps as `(height, width,
            channels)`.

    Examples:
        >>> layout = TapLayout(8, {"early": (4, 4, 2), "late": (2, 2, 3)})
        >>> layout.width, layout.bytes_per_image
        (44, 280)
    """

    image_size: int
    shapes: dict[str, tuple[int, ...]]

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return sum(int(np.prod(shape)) for shape in self.shapes.values())

    @property
    def bytes_per_image(self) -> int:
        """What one image takes: maps in float16, pixels in uint8."""
        return 2 * self.width + 3 * self.image_size**2

    def covers(self, other: "TapLayout") -> bool:
        """Tells whether the maps of another layout are all among these.

        Args:
            other: The other layout.
        """
        return (
            self.image_size == other.image_size
            and other.shapes.items() <= self.shapes.items()
        )

    def ranges(self) -> Iterator[tuple[str, int, int]]:
        """Yields the name of a tap with its first and last place in a row."""
        start = 0
        for name, shape in self.shapes.items():
            stop = start + int(np.prod(shape))
            yield name, start, stop
            start = stop

    @classmethod
    def of_folder(cls, folder: pathlib.Path) -> "TapLayout | None":
        """Returns the layout of maps that are kept; None if they are not.

        Args:
            folder: Of a `TapCache`.
        """
        mark = folder / MARK
        kept = read_json(mark) if mark.is_file() else {}
        if "shapes" not in kept:
            return None
        shapes = {x: tuple(shape) for x, shape in kept["shapes"].items()}
        return cls(kept["image_size"], shapes)

    @classmethod
    def of(cls, source: keras.Model, image_size: int) -> "TapLayout":
        """Returns the layout of a source's maps.

        Args:
            source: Images to a dict of maps.
            image_size: Pixels of a side.
        """
        shapes = source.compute_output_shape((1, image_size, image_size, 3))
        return cls(image_size, {x: tuple(shapes[x][1:]) for x in shapes})


class TapCache:
    """A source's maps of many images, in memory or in a folder.

    Args:
        layout: How the maps of one image lie.
        count: Images.
        folder: Where to keep them; `None` keeps them in memory.

    Examples:
        >>> cache = TapCache(TapLayout(8, {"early": (4, 4, 2)}), count=3)
        >>> cache.read(np.array([2, 0]))["early"].shape
        (2, 4, 4, 2)
    """

    def __init__(
        self,
        layout: TapLayout,
        count: int,
        folder: pathlib.Path | None = None,
    ) -> None:
        self.layout = layout
        self.folder = folder
        size = layout.image_size
        self.maps = self._open("maps", "float16", (count, layout.width))
        self.images = self._open("images", "uint8", (count, size, size, 3))

    def read(
        self, rows: np.ndarray, names: Collection[str] | None = None
    ) -> dict[str, np.ndarray]:
        """Returns the images and maps of some rows.

        Args:
            rows: Their numbers.
            names: Taps whose maps are wanted; all if None.
        """
        found = {"image": self.images[rows]}
        for name, start, stop in self.layout.ranges():
            if names is not None and name not in names:
                continue
            shape = (len(rows), *self.layout.shapes[name])
            found[name] = np.empty(shape, "float16")
            flat = found[name].reshape(len(rows), -1)
            for place, row in enumerate(rows):
                flat[place] = self.maps[row, start:stop]
        return found

    def fill(
        self, source: keras.Model, read_image: ImageReader, show: bool = False
    ) -> None:
        """Runs the source over all images, unless that was done before.

        Args:
            source: Images to a dict of maps.
            read_image: Function of a row's number that gives its image, uint8.
            show: Whether to show a progress bar.

        Raises:
            ValueError: If a map holds a value that float16 can't.
        """
        count = len(self.images)
        if self._is_complete():
            return
        narrowing = _narrowing(source)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            starts = range(0, count, SOURCE_BATCH)
            bar = watched(starts, len(starts), "batch", "source", show)
            following = pool.submit(self._read_images, read_image, 0)
            for start in bar:
                images = following.result()
                after = start + SOURCE_BATCH
                following = pool.submit(self._read_images, read_image, after)
                self._keep(narrowing, images, start)
        self._complete()

    def remove(self) -> None:
        """Deletes what is on disk."""
        del self.maps, self.images
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _open(self, name, dtype, shape):
        if self.folder is None:
            return np.zeros(shape, dtype)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name}.npy"
        if self._is_complete():
            found = _mapped(path, dtype)
            if found is not None and (found.dtype, found.shape) == (
                dtype,
                shape,
            ):
                return found
            self._mark.unlink()
        return new_array_file(path, dtype, shape)

    @property
    def _mark(self) -> pathlib.Path:
        return pathlib.Path(self.folder or "", MARK)

    def _is_complete(self) -> bool:
        return (
            self.folder is not None
            and self._mark.exists()
            and read_json(self._mark, ["rows"])["rows"] > 0
        )

    def _complete(self) -> None:
        if self.folder is not None:
            self.maps.flush()
            self.images.flush()
            kept = {"rows": len(self.images), **dataclasses.asdict(self.layout)}
            write_json(self._mark, kept)

    def _read_images(self, read_image, start):
        stop = min(start + SOURCE_BATCH, len(self.images))
        images = [read_image(row) for row in range(start, stop)]
        return np.stack(images) if images else None

    def _keep(self, narrowing, images, start):
        stop = start + len(images)
        maps = _run(narrowing, images.astype("float32"))
        for name, first, last in self.layout.ranges():
            values, is_finite = (np.asarray(part) for part in maps[name])
            if not is_finite:
                raise ValueError(
                    "The maps of this tap hold values that are not finite in "
                    "float16; train without `cache_taps`. "
                    f"Received: tap={name!r}"
                )
            self.maps[start:stop, first:last] = values.reshape(stop - start, -1)
        self.images[start:stop] = images


def _mapped(path, dtype):
    """The array in a file; None if it is gone, or is not what it was."""
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return found if found.dtype == dtype else None


def _narrowing(source):
    """Returns a model that gives each map in float16, and if it fits there."""
    image = image_input(source)
    narrow = {}
    for name, maps in source(image).items():
        half = ops.cast(maps, "float16")
        narrow[name] = (half, ops.all(ops.isfinite(half)))
    return keras.Model(image, narrow)


def _run(model, images):
    """Keras gives each replica the whole batch, and joins their answers."""
    if replicas_of(model) > 1:
        return model(images, training=False)
    return model.predict_on_batch(images)
