"""Trains a tiny model in a folder; a test kills it."""

import sys

from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_snow
from tiny_runs import tiny_task

from keras_snow.training import train

if __name__ == "__main__":
    train(
        tiny_snow,
        tiny_task(),
        RECIPE.replace(epochs=int(sys.argv[2])),
        out=sys.argv[1],
        image_size=SIZE,
        config=QUIET.replace(
            cache_taps=int(sys.argv[3]), settle_after=int(sys.argv[4]) or None
        ),
    )
