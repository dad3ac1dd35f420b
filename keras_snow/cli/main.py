"""The command `keras-snow` and its verbs."""

import click

import keras_snow
from keras_snow.cli.bundle import bundle
from keras_snow.cli.compare import compare
from keras_snow.cli.crossvalidate import crossvalidate
from keras_snow.cli.demo import demo
from keras_snow.cli.evaluate import evaluate
from keras_snow.cli.export import export
from keras_snow.cli.fewshot import fewshot
from keras_snow.cli.group import SentenceGroup
from keras_snow.cli.group import debug_option
from keras_snow.cli.lifelong import lifelong
from keras_snow.cli.plot import plot
from keras_snow.cli.predict import predict
from keras_snow.cli.pretrain import pretrain
from keras_snow.cli.probe import probe
from keras_snow.cli.report import report
from keras_snow.cli.route import route
from keras_snow.cli.sensitivity import sensitivity
from keras_snow.cli.serve import serve
from keras_snow.cli.sources import sources
from keras_snow.cli.taps import taps
from keras_snow.cli.train import train
from keras_snow.cli.tune import tune


@click.group(
    cls=SentenceGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 80,
        "show_default": True,
    },
)
@click.version_option(keras_snow.__version__, prog_name="keras-snow")
@debug_option
def main() -> None:
    """Many small task networks that subscribe to one frozen source.

    \b
    Start here:
      keras-snow demo
      keras-snow train FOLDER_OF_IMAGES --out runs/mine
      keras-snow predict runs/mine IMAGE
    """


for _verb in (
    demo,
    train,
    pretrain,
    evaluate,
    predict,
    plot,
    compare,
    crossvalidate,
    lifelong,
    route,
    tune,
    sensitivity,
    report,
    probe,
    fewshot,
    bundle,
    export,
    serve,
    sources,
    taps,
):
    main.add_command(_verb)
