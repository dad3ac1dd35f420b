"""`keras-snow taps`: where a source can be tapped."""

import click

from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import input_scale_option
from keras_snow.cli.verb import Verb


@click.command(cls=Verb)
@click.argument("source")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="List every layer that can be tapped, not just the default taps.",
)
@input_scale_option
def taps(source: str, everything: bool, input_scale: str | None) -> None:
    """List the taps of SOURCE: layer, channels, stride.

    What it does with pixels is told on standard error.

    SOURCE is a known name, a .keras file or the folder of a run. No weights are
    downloaded.

    \b
    Examples:
      keras-snow taps resnet50
      keras-snow taps my_network.keras --all
      keras-snow taps my_network.keras --input-scale 0..1
    """
    load_keras()
    from keras_snow.sources import find_candidates
    from keras_snow.sources import load_source
    from keras_snow.sources.origin import without_download
    from keras_snow.sources.pixels import tell_pixels
    from keras_snow.sources.tap_table import tap_table

    found = load_source(
        source, without_download(source), input_scale=input_scale
    )
    listed = found.taps
    if everything:
        listed = tuple(find_candidates(found.network))
    click.echo(tap_table(listed))
    click.echo(tell_pixels(found.network), err=True)
