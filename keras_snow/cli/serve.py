"""`keras-snow serve`: answers over HTTP."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.typed import bundle_folder
from keras_snow.cli.typed import split_names
from keras_snow.cli.verb import Verb


@click.command(cls=Verb)
@click.argument("directory", metavar="BUNDLE", callback=bundle_folder)
@click.option(
    "--host",
    default="127.0.0.1",
    help="Address to listen at; 0.0.0.0 lets other machines in.",
)
@click.option("--port", default=8000, help="0 takes a free one.")
@click.option("--name", help="The model's name. [default: the bundle's]")
@click.option(
    "--runtime",
    default="auto",
    metavar="NAME",
    help="openvino, onnxruntime, tensorflow, tensorflow-xla, jax or "
    "openvino-bfloat16; auto: the first exact one that is installed; fastest: "
    "each of these is timed at the start.",
)
@click.option(
    "--image-size",
    type=int,
    metavar="PIXELS",
    help="One size for all tasks. [default: each task's own]",
)
@click.option("--max-batch", default=16, help="Images of a pass.")
@click.option(
    "--max-delay",
    default=0.005,
    metavar="SECONDS",
    help="Longest that an image waits for others to share a pass.",
)
@click.option(
    "--max-bytes",
    default=16_000_000,
    help="Of a request; longer ones are answered with 413.",
)
@click.option(
    "--max-pixels",
    default=40_000_000,
    help="Of an image; larger ones are answered with 422.",
)
@click.option(
    "--max-queue",
    default=64,
    help="Requests at a time; one more is answered with 429.",
)
@click.option(
    "--max-connections",
    default=1000,
    help="Connections at a time, at most half of the files that may be open; "
    "one more replaces one that is idle or slow, or is answered with 503.",
)
@click.option(
    "--timeout",
    default=30.0,
    metavar="SECONDS",
    help="For an answer, else 504; for a request to arrive, else 408.",
)
@click.option(
    "--header-timeout",
    default=10.0,
    metavar="SECONDS",
    help="For the headers of a request to arrive, else 408.",
)
@click.option(
    "--idle-timeout",
    default=20.0,
    metavar="SECONDS",
    help="For which a connection stays open between requests.",
)
@click.option(
    "--allowed-hosts",
    metavar="NAME,NAME,...",
    callback=split_names,
    help="Names by which the server may be called, beside localhost; * for "
    "any. [default: none at the loopback, else any]",
)
def serve(directory: str, **options: Any) -> None:
    """Answer the tasks of BUNDLE over HTTP.

    Tasks that are added to the bundle, replaced or removed while it is served
    are taken over without a restart. Ctrl-C or SIGTERM answers what is at work
    and ends.

    \b
    Examples:
      keras-snow serve shop
      curl -F image=@photo.jpg 'http://127.0.0.1:8000/predict?tasks=birds'
    """
    load_keras()
    from keras_snow.serving.http import ServerOptions
    from keras_snow.serving.http import serve as run

    if run(directory, ServerOptions(**options), click.echo):
        # Python would wait for minutes, and answer nobody.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
