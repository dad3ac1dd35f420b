"""`keras-snow plot`: a run's figure in a file."""

from __future__ import annotations

import os
from typing import Any

import click

from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import moved_source_option
from keras_snow.cli.read_options import read_taps
from keras_snow.cli.task_options import learned_task_options
from keras_snow.cli.typed import own_path
from keras_snow.cli.typed import split_names
from keras_snow.cli.verb import Verb
from keras_snow.core.files import expand_home
from keras_snow.core.finished_run import find_model


@click.command(cls=Verb)
@click.argument("what")
@click.argument("run", metavar="RUN_FOLDER", callback=own_path)
@click.argument("inputs", metavar="[IMAGE|RUN|TASK]...", nargs=-1)
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    required=True,
    metavar="FILE",
    callback=own_path,
    help="Where to write: .png, .svg or .pdf.",
)
@click.option(
    "--taps",
    "--tap",
    metavar="NAME,NAME,...",
    callback=split_names,
    help="Taps to draw. For heat also delta, its own last maps. [default: the "
    "figure's own]",
)
@click.option(
    "--class",
    "label",
    metavar="NAME|NUMBER",
    help="Class that a heat map explains. [default: what the run answers]",
)
@click.option(
    "--count",
    default=16,
    help="Maps to draw of a tap, or mistakes.",
)
@click.option(
    "--split",
    default="test",
    metavar="NAME",
    help="Images for confusion and mistakes: train, validation or test.",
)
@learned_task_options
@moved_source_option
def plot(
    what: str, run: str, inputs: tuple[str, ...], out: str, **options: Any
) -> None:
    """Draw a figure of the run in RUN_FOLDER.

    \b
    WHAT
      selections   chosen channels over training, and how many change
      importances  importances of each tap, sorted, the chosen ones marked
      levels       what is kept of each tap, and how it is weighed
      overlap      channels that RUNs share; also of .keras files of deltas
      filters      the filters of the source's first layer
      activations  maps of an IMAGE before and after the ReLU
      chosen       maps of an IMAGE that the task chose, beside others
      heat         where in IMAGEs the answer comes from
      confusion    classes of a TASK that are taken for others
      mistakes     images of a TASK with a wrong answer, and the likeliest three
      curves       loss and accuracy over the epochs, of several RUNs too

    \b
    Examples:
      keras-snow plot selections runs/birds --out selections.png
      keras-snow plot heat runs/birds wren.jpg robin.jpg --out heat.png
      keras-snow plot overlap runs/birds runs/cars --out overlap.png
      keras-snow plot confusion runs/birds birds --out confusion.png
      keras-snow plot mistakes runs/birds birds --out mistakes.png
      keras-snow plot curves runs/birds runs/cars --out curves.png
    """
    if not os.path.lexists(run):
        find_model(run)
    load_keras()
    from keras_snow.reports.see import plot as draw

    path = draw(
        what,
        run,
        *(str(expand_home(each)) for each in inputs),
        out=out,
        **{**options, "taps": read_taps(options)},
    )
    click.echo(f"figure: {path}")
