"""A verb of the command line: what all of them have in common."""

from __future__ import annotations

import time
from typing import Any

import click

from keras_snow.cli.group import debug_option


class Verb(click.Command):
    """A command with `--debug` that names the nearest option to a typo.

    A source is looked at before anything is done: a network's name, or a file
    that holds a model. A verb itself looks at all that needs no Keras, and then
    calls `load_keras`.

    Args:
        *args: As of `click.Command`.
        long: Whether it says in the end how long it took.
        **kwargs: As of `click.Command`.
    """

    def __init__(self, *args: Any, long: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.long = long
        debug_option(self)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reads what the user typed."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise click.UsageError(
                f"No such option: {error.option_name}. "
                f"{self._near_options(error.option_name)}".rstrip(),
                ctx,
            ) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the verb."""
        began = time.perf_counter()
        _check_numbers(ctx.params)
        _check_source(ctx.params)
        result = super().invoke(ctx)
        if self.long and not ctx.params.get("quiet"):
            from keras_snow.core.progress import describe_seconds

            seconds = time.perf_counter() - began
            click.echo(f"took {describe_seconds(seconds)}", err=True)
        return result

    def _near_options(self, typed: str) -> str:
        from keras_snow.core.registry import find_near

        close = find_near(typed, self._words())
        hint = " or ".join(f"`{each}`" for each in close)
        return f"Did you mean {hint}?" if close else ""

    def _words(self) -> dict[str, str]:
        """Returns words for options and settings, each with how to give it."""
        words: dict[str, str] = {}
        for param in self.params:
            for name in [*param.opts, *param.secondary_opts]:
                if name.startswith("--"):
                    words[name.removeprefix("--")] = name
        if "--set" in words.values():
            for name in _settings():
                words.setdefault(name.replace("_", "-"), f"--set {name}=VALUE")
        return words


def _settings() -> list[str]:
    import dataclasses

    from keras_snow.deltas import DeltaSettings
    from keras_snow.recipes import Recipe

    fields = [*dataclasses.fields(DeltaSettings), *dataclasses.fields(Recipe)]
    return [field.name for field in fields if field.name != "name"]


def _check_numbers(params: dict[str, Any]) -> None:
    from keras_snow.core.checks import check_count
    from keras_snow.core.limits import check_batch
    from keras_snow.core.limits import check_most

    for name, least in (("image_size", 1), ("seed", 0), ("split_seed", 0)):
        if params.get(name) is not None:
            check_count(name, params[name], least)
    for name, value in params.items():
        if type(value) is int:
            check_most(name, value)
    for name in ("batch_size", "max_batch"):
        if params.get(name) and params.get("image_size"):
            check_batch(params[name], params["image_size"], name)


def _check_source(params: dict[str, Any]) -> None:
    source = params.get("source")
    if source is not None:
        from keras_snow.sources.forms import check_spec
        from keras_snow.sources.origin import without_download

        # `taps` asks for no weights.
        check_spec(source, params.get("weights", without_download(source)))
