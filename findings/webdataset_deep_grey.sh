#!/usr/bin/env bash
# One would guess that webdataset 1.0.2 scales a 16-bit grey PNG into the range
# of "l8" or "rgb" images when it decodes with Pillow 13.0.0, but every value
# above 255 becomes white, so that an X-ray or a depth map is a white sheet.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    webdataset==1.0.2 pillow==13.0.0 numpy==2.4.6
venv/bin/python - <<'PYTHON'
import io
import sys
from importlib.metadata import version

import numpy as np
import webdataset
from PIL import Image

for name in ("webdataset", "pillow", "numpy"):
    print(name, version(name))

deep = np.linspace(0, 65535, 64).astype("uint16").reshape(8, 8)
file = io.BytesIO()
Image.fromarray(deep).save(file, "PNG")
stored = np.asarray(Image.open(io.BytesIO(file.getvalue())))
print("the file holds all values:", np.array_equal(stored, deep))
with webdataset.TarWriter("images.tar") as writer:
    writer.write({"__key__": "depth", "png": file.getvalue()})


def decoded(kind):
    images = webdataset.WebDataset("images.tar", shardshuffle=False).decode(kind)
    return np.asarray(next(iter(images))["png"])


expected = (deep // 256).astype("uint8")
grey = decoded("l8")
colour = decoded("rgb")
print("expected", len(np.unique(expected)), "levels:", expected.ravel()[:8])
print("seen, l8 ", len(np.unique(grey)), "levels:", grey.ravel()[:8])
print("seen, rgb", len(np.unique(colour)), "levels:", colour[0, :8, 0])

holds = (
    np.array_equal(stored, deep)
    and np.array_equal(grey, np.minimum(deep, 255))
    and grey.ravel()[1:].min() == 255
    and colour.reshape(-1, 3)[1:].min() == 1.0
)
sys.exit(0 if holds else 1)
PYTHON
