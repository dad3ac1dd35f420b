"""`keras-snow taps`: where a source can be tapped."""

import click

from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.verb import Verb


@click.command(cls=Verb)
@click.argument("source")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="List every layer that can be tapped, not just the default taps.",
)
def taps(source: str, everything: bool) -> None:
    """List the taps of SOURCE: layer, channels, stride.

    SOURCE is a known name, a .keras file or the folder of a run. No weights are
    downloaded.

    \b
    Examples:
      keras-snow taps resnet50
      keras-snow taps my_network.keras --all
    """
    load_keras()
    from keras_snow.sources import find_candidates
    from keras_snow.sources import load_source
    from keras_snow.sources.origin import without_download

    found = load_source(source, without_download(source))
    listed = found.taps
    if everything:
        listed = tuple(find_candidates(found.network))
    width = max(len("layer"), *(len(tap.name) for tap in listed))
    click.echo(f"{'layer':{width}}  channels  stride")
    for tap in listed:
        click.echo(f"{tap.name:{width}}  {tap.channels:8}  {tap.stride:6}")
