"""Options that say where and how a run is computed."""

from __future__ import annotations

import click

from keras_snow.cli.options import Function
from keras_snow.cli.options import add_options
from keras_snow.cli.typed import none_by_name
from keras_snow.cli.typed import own_path


def precision_option(function: Function) -> Function:
    """Adds the type of the numbers that a run computes with."""
    return click.option(
        "--precision",
        metavar="NAME",
        help="float32, mixed_bfloat16 or mixed_float16.",
    )(function)


def engine_option(function: Function) -> Function:
    """Adds how the frozen source is run."""
    return click.option(
        "--engine",
        metavar="NAME",
        help="How the frozen source is run: float32 (normalizations folded), "
        "bfloat16 (folded, faster where the device multiplies bfloat16) or "
        "keras (as it is). [default: float32]",
    )(function)


init_option = click.option(
    "--init",
    metavar="RUN",
    callback=own_path,
    help="Go on from the weights of this finished run of the same model.",
)


def compute_options(function: Function) -> Function:
    """Adds where and how a network is trained that has no frozen source.

    Args:
        function: The verb.
    """
    return add_options(function, _cache_option, *_DEVICES, *_LAST)


def run_options(function: Function) -> Function:
    """Adds where and how a run is computed."""
    return add_options(
        function, _cache_option, *_KEPT_MAPS, *_DEVICES, engine_option, *_LAST
    )


_cache_option = click.option(
    "--cache",
    metavar="auto|none|memory|DIR",
    default="auto",
    callback=none_by_name,
    help="Where decoded images are kept; auto: in memory if they take less "
    "than 2 GB.",
)
_KEPT_MAPS = (
    click.option(
        "--cache-taps",
        default=0,
        metavar="VIEWS",
        help="Keep the source's maps of so many views of an image; the source "
        "then runs once; 0: off.",
    ),
    click.option(
        "--tap-folder",
        metavar="DIR",
        callback=own_path,
        help="Where these maps are kept for other runs. [default: with the "
        "run, while it lasts]",
    ),
    click.option(
        "--cache-limit",
        "cache_limit_gb",
        default=8.0,
        metavar="GB",
        help="Most that the kept maps may take.",
    ),
    click.option(
        "--settle-after",
        type=int,
        metavar="EPOCHS",
        help="Fix the choice of maps then, and keep the chosen ones alone "
        "(with --cache-taps). [default: keep all maps from the start]",
    ),
    click.option(
        "--solve-head/--train-head",
        default=None,
        help="Set SNOW's head to a ridge regression of the training images and "
        "train the blocks alone, or train both. [default: solve it with up to "
        "4096 images]",
    ),
)
_DEVICES = (
    click.option(
        "--strategy",
        default="auto",
        help="auto, one_device, mirrored, data_parallel or multi_host.",
    ),
    click.option(
        "--xla/--no-xla",
        default=None,
        help="Compile with XLA or not. [default: on a GPU]",
    ),
    precision_option,
)
_LAST = (
    click.option(
        "--deterministic",
        is_flag=True,
        help="Use kernels that repeat bit for bit only.",
    ),
    click.option("--quiet", is_flag=True, help="No progress bar."),
)
