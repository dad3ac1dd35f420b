#!/usr/bin/env bash
# Draws the figures of docs/guides/see.md into the current folder.
#
#   draw.sh SOURCE.keras CARS TEXTURES FOOD IMAGE IMAGE
#
# SOURCE.keras is the demo's source (`keras-snow demo` keeps it in Keras' home);
# the runs learned 30 car models, 10 textures and 10 dishes with 128 px images on
# one ResNet50; the IMAGEs are of the cars' test split.
set -euo pipefail
source_file=$1 run=$2 textures=$3 food=$4 image=$5 other=$6

keras-snow train demo:frequency --source "$source_file" --image-size 40 \
  --epochs 20 --out demo_frequency --quiet
keras-snow plot selections demo_frequency --out selections.png
keras-snow plot overlap "$run" "$textures" "$food" --out overlap.png
keras-snow plot confusion demo_frequency demo:frequency --out confusion.png
keras-snow plot levels "$run" --out levels.png
keras-snow plot importances "$run" --out importances.png \
  --taps pool1_pool,conv3_block4_out,conv4_block6_out,conv5_block3_out
keras-snow plot filters "$run" --out filters.png
keras-snow plot activations "$run" "$image" --tap conv2_block3_out \
  --out activations.png
keras-snow plot chosen "$run" "$image" --tap conv3_block4_out --out chosen.png
keras-snow plot heat "$run" "$image" "$other" --tap conv4_block6_out \
  --out heat.png

# A palette takes a third of the room.
python - <<'PYTHON'
import pathlib

from PIL import Image

for path in pathlib.Path().glob("*.png"):
    picture = Image.open(path).convert("RGB").quantize(256)
    picture.save(path, optimize=True)
PYTHON
