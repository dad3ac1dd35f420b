"""`keras-snow sources`: which networks are known by name."""

import click

from keras_snow.cli.verb import Verb


@click.command(cls=Verb)
def sources() -> None:
    """List the sources that are known by name.

    Any functional Keras model in a .keras file is a source, too, and so is the
    folder of a finished run.

    \b
    Example:
      keras-snow sources
    """
    from keras_snow.sources.known import NETWORKS

    width = max(map(len, NETWORKS.names()))
    for name in NETWORKS.names():
        network = NETWORKS.get(name)
        what = f"keras.applications.{network.application}"
        if network.small:
            what = "no weights; for `keras-snow pretrain`"
        click.echo(f"{name:{width}}  {what}")
