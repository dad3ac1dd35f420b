"""`keras.utils.plot_model`, for which Graphviz must be there, too."""

import pathlib
import shutil
import sys

import keras
import tiny

from keras_snow import SNOWModel

if shutil.which("dot") is None:
    sys.stdout.write("Graphviz is not here: the drawing was not tried.\n")
    sys.exit()
tiny.draw()
model = SNOWModel.from_source("small.keras", num_classes=2)
keras.utils.plot_model(model, "model.png", show_shapes=True, expand_nested=True)
assert pathlib.Path("model.png").read_bytes().startswith(b"\x89PNG")
