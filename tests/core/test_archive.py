"""Archives hold what they declare, or are not read."""

import io
import zipfile

import numpy as np
import pytest

from keras_snow.core import archive
from keras_snow.core.archive import load_arrays
from keras_snow.core.archive import opened_archive

MEGABYTES = 1 << 21  # Zeros, which deflate to 2 kB.


def header(shape, kind="<f4", content=b"1234", write=None):
    """Returns an array whose header may lie about its content."""
    file = io.BytesIO()
    write = write or np.lib.format.write_array_header_1_0
    write(file, {"descr": kind, "fortran_order": False, "shape": shape})
    return file.getvalue() + content


def archive_of(path, compression=zipfile.ZIP_STORED, **members):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back_as_they_were(tmp_path, save):
    arrays = {
        "labels": np.arange(5),
        "names": np.array(["größe", "b"]),
        "maps": np.asfortranarray(np.ones((3, 4), "float16")),
        "none": np.zeros((0, 3)),
        "one": np.float32(2.5),
    }
    save(tmp_path / "a.npz", **arrays)
    found = load_arrays(tmp_path / "a.npz")
    assert set(found) == set(arrays)
    for name, value in arrays.items():
        np.testing.assert_array_equal(found[name], value)
        assert found[name].dtype == value.dtype
    found["labels"][0] = 7


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (header((1 << 40,)), "declares 4,398,046,511,104 bytes and holds 4"),
        (header((1 << 40,), "|V0", b""), "declares 0 bytes and holds 0"),
        (header((-1,)), "declares -4 bytes"),
        (header((2,)), "declares 8 bytes and holds 4"),
        (header((1,), "|O"), "holds Python objects"),
        (b"nothing", "magic string"),
        (b"\x93NUMPY\x09\x00", r"version \(9, 0\)"),
    ],
)
def test_a_header_that_lies_is_found_before_memory_is_taken(
    tmp_path, content, words
):
    path = archive_of(tmp_path / "a.npz", x=content)
    with pytest.raises(ValueError, match=words):
        load_arrays(path)


def test_a_longer_header_is_read(tmp_path):
    content = header((1,), write=np.lib.format.write_array_header_2_0)
    path = archive_of(tmp_path / "a.npz", x=content)
    assert load_arrays(path)["x"].shape == (1,)


def test_what_unpacks_to_far_more_is_refused(tmp_path):
    path = archive_of(
        tmp_path / "a.npz", zipfile.ZIP_DEFLATED, x=bytes(MEGABYTES)
    )
    with pytest.raises(ValueError, match="declares 2,097,152 bytes, of which"):
        load_arrays(path)


def test_members_that_lie_on_each_other_count_each(tmp_path):
    path = archive_of(tmp_path / "a.npz", x=bytes(MEGABYTES // 2))
    with zipfile.ZipFile(path) as file:
        (one,) = file.infolist()
        file.filelist += [one] * 200
        with pytest.raises(ValueError, match="the archive declares"):
            archive._check_members(file, path.stat().st_size)


def test_more_than_the_machine_has_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    np.savez(path, x=np.zeros(1000))
    monkeypatch.setattr("keras_snow.core.memory.machine_memory", lambda: 5000)
    with pytest.raises(ValueError, match="this machine has 0.0 GB of memory"):
        load_arrays(path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(tmp_path, compression):
    path = archive_of(tmp_path / "a.npz", compression, x=header((1,)))
    with pytest.raises(ValueError, match="compressed otherwise"):
        load_arrays(path)


@pytest.mark.parametrize("cut", [0, 10, -10])
def test_a_damaged_archive_is_told_in_one_kind_of_error(tmp_path, cut):
    path = tmp_path / "a.npz"
    np.savez(path, x=np.zeros(100))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match="it is damaged"):
        load_arrays(path)


def test_a_flipped_bit_is_found(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, x=np.zeros(100))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="Bad CRC"):
        load_arrays(path)


def test_a_missing_file_is_named(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match=r"a\.npz"),
        opened_archive(tmp_path / "a.npz"),
    ):
        pytest.fail("It was opened.")
