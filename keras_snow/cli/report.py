"""`keras-snow report`: a comparison's table and figure from its records."""

from __future__ import annotations

import click

from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.typed import own_path
from keras_snow.cli.verb import Verb


@click.command(cls=Verb)
@click.argument("directory", metavar="DIR", callback=own_path)
def report(directory: str) -> None:
    """Draw the table and the figure of the comparison in DIR again.

    Nothing is trained. Also of a comparison that is still under way. The
    paper's numbers stand beside ours where task and source are the same.

    \b
    Example:
      keras-snow report compared
    """
    load_keras()
    from keras_snow.reports import report as draw
    from keras_snow.reports.tables import format_summary

    result = draw(directory)
    click.echo(format_summary(result))
    click.echo(f"report: {directory}/compare.md")
