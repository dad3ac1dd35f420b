#!/usr/bin/env bash
# One would guess that webdataset 1.0.2 reads back the samples that its own
# TarWriter wrote, but the reader ends a key at the first dot of the file's name,
# so that samples with keys such as "scan.0", "scan.1" come back as one.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile webdataset==1.0.2 numpy==2.4.6
venv/bin/python - <<'PYTHON'
import sys
import tarfile
from importlib.metadata import version

import webdataset

print("webdataset", version("webdataset"))


def written_and_read(keys, name):
    with webdataset.TarWriter(name) as writer:
        for label, key in enumerate(keys):
            writer.write({"__key__": key, "cls": label, "txt": f"image {label}"})
    with tarfile.open(name) as archive:
        members = len(archive.getnames())
    read = list(webdataset.WebDataset(name, shardshuffle=False))
    return members, read


plain = [f"scan_{number}" for number in range(4)]
dotted = [f"scan.{number}" for number in range(4)]
members, read = written_and_read(plain, "plain.tar")
print("keys", plain, "files", members, "samples", len(read))
plain_holds = [sample["__key__"] for sample in read] == plain
members, read = written_and_read(dotted, "dotted.tar")
print("keys", dotted, "files", members)
print("expected", len(dotted), "samples with the fields cls and txt")
fields = sorted(field for field in read[0] if not field.startswith("__"))
print("seen", len(read), "sample,", read[0]["__key__"], "with the fields", fields)

holds = (
    plain_holds
    and members == 8
    and len(read) == 1
    and read[0]["__key__"] == "scan"
    and "cls" not in fields
    and len(fields) == 8
)
sys.exit(0 if holds else 1)
PYTHON
