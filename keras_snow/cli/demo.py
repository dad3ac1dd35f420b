"""`keras-snow demo`: the whole idea in minutes, without data or network."""

from __future__ import annotations

from typing import Any

import click

from keras_snow.cli.group import when_interrupted
from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.typed import own_path
from keras_snow.cli.verb import Verb
from keras_snow.core.progress import describe_seconds


@click.command(cls=Verb)
@click.option(
    "--task",
    "tasks",
    multiple=True,
    metavar="NAME",
    help="direction, pointing, counting, relation or frequency; can be given "
    "several times. [default: what fits into three minutes]",
)
@click.option(
    "--epochs",
    type=int,
    metavar="N",
    help="Passes over a task's images, for every method. [default: the demo's]",
)
@click.option(
    "--seed",
    default=0,
    help="Draws other images and other initial weights.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    default="snow-demo",
    metavar="DIR",
    callback=own_path,
    help="Where the table and the figure go.",
)
def demo(
    tasks: tuple[str, ...], epochs: int | None, seed: int, out: str
) -> None:
    """Compare SNOW with its rivals on tasks that are drawn on the spot.

    Draws textured shapes, trains a small source on them (once; it is kept for
    the next time), and lets SNOW, a new final layer and a network from scratch
    learn tasks that the source was not trained for: same images, same epochs.

    \b
    Examples:
      keras-snow demo
      keras-snow demo --task counting --task relation --seed 1
    """
    load_keras()
    from keras_snow.reports.demo.run import format_rows
    from keras_snow.reports.demo.run import run_demo
    from keras_snow.reports.demo.settings import DemoSettings

    when_interrupted("Stopped. A source that is trained already is kept.")
    settings: dict[str, Any] = {} if epochs is None else {"epochs": epochs}
    result = run_demo(
        tasks or None,
        seed,
        out,
        DemoSettings(**settings),
        say=lambda text: click.echo(text, err=True),
    )
    click.echo(format_rows(result["rows"]))
    took = describe_seconds(result["seconds"])
    click.echo(f"took {took}. Figure: {out}/demo.png")
