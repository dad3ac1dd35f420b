"""`keras-snow sources`: which networks are known by name."""

import click

from keras_snow.cli.verb import Verb


@click.command(cls=Verb)
@click.option(
    "--available",
    is_flag=True,
    help="Only those whose ImageNet weights have been downloaded.",
)
def sources(available: bool) -> None:
    """List the sources that are known by name.

    Any functional Keras model in a .keras file is a source, too, and so is the
    folder of a finished run.

    \b
    Examples:
      keras-snow sources
      keras-snow sources --available
    """
    from keras_snow.sources.available import list_sources
    from keras_snow.sources.available import weights_cache
    from keras_snow.sources.known import NETWORKS

    names = list_sources(available)
    if not names:
        click.echo(f"No weights in {weights_cache()}.", err=True)
        return
    width = max(map(len, names))
    for name in names:
        network = NETWORKS.get(name)
        what = f"keras.applications.{network.application}"
        if network.small:
            what = "no weights; for `keras-snow pretrain`"
        click.echo(f"{name:{width}}  {what}")
