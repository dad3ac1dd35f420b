"""Every format, each opened in its own runtime and compared by `export`."""

import sys

import tiny

FORMATS = ["saved_model", "onnx", "openvino", "litert"]

tiny.bundle()
for name in FORMATS:
    if "jax" in sys.argv:
        said = tiny.refused("export", "shop", "--format", name)
        assert "KERAS_BACKEND=tensorflow" in said, said
    else:
        tiny.snow("export", "shop", "--format", name)
