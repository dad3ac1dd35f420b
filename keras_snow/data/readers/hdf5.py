"""Reads a task from an HDF5 file of arrays."""

from typing import Any

from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.readers.named_arrays import read_named_arrays
from keras_snow.data.readers.named_arrays import role_of
from keras_snow.data.readers.reading import Reading
from keras_snow.data.task_forms import describe_file


def read_hdf5(
    path: PathLike,
    rules: FileRules | None = None,
    reading: Reading | None = None,
) -> LabelledSplits:
    """Reads images and labels from an HDF5 file, into memory.

    Args:
        path: The file, whose data sets have the names that arrays in a `.npz`
            have; they may lie in groups: `train/images`.
        rules: Whose `value_range` counts.
        reading: Whose `multi_label` counts.

    Raises:
        OSError: If the file can't be read.
        ValueError: If it holds something else, or lacks the arrays.
    """
    import h5py

    place = expand_home(path)
    arrays: dict[str, Any] = {}

    def keep(name: str, found: Any) -> None:
        if isinstance(found, h5py.Dataset) and role_of(name):
            arrays[name] = found[()]

    try:
        with h5py.File(place) as file:
            file.visititems(keep)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"There is no such file. Received: path={str(path)!r}"
        ) from None
    except OSError as error:
        raise ValueError(describe_file(place)) from error
    if not arrays:  # A model, or weights.
        raise ValueError(describe_file(place))
    return read_named_arrays(
        arrays, path, rules or FileRules(), reading or Reading()
    )
