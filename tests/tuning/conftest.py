"""Lets the tests of this folder use the tiny runs of training's."""

import pathlib
import sys

TRAINING = pathlib.Path(__file__).parents[1] / "training"
sys.path.insert(0, str(TRAINING))
