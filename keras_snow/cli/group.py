"""The group of verbs, which turns bad input into one sentence."""

from __future__ import annotations

import errno
from typing import Any
from typing import NoReturn

import click

from keras_snow.core.errors import sentence_of

BAD_INPUT = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells have it.

_DEBUG = "keras_snow.debug"
_INTERRUPTION = "keras_snow.interruption"


class SentenceGroup(click.Group):
    """A group whose verbs answer bad input with a sentence and exit code 2.

    What the package raises on bad input (`ValueError`, `TypeError`, `OSError`
    and a missing backend) is shown without its traceback, unless `--debug` is
    given. Ctrl-C leaves with 130 and says how to go on.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the chosen verb."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _leave(ctx.meta.get(_INTERRUPTION, "Interrupted."), INTERRUPTED)
        except (ValueError, TypeError, OSError, ImportError) as error:
            if ctx.meta.get(_DEBUG) or _is_broken_pipe(error):
                raise
            _leave(f"Error: {sentence_of(error)}", BAD_INPUT)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the verb, or names the nearest one."""
        from keras_snow.core.registry import nearest_names

        if (
            args
            and not args[0].startswith("-")
            and args[0] not in self.commands
        ):
            ctx.fail(
                f"No such verb. {nearest_names(args[0], list(self.commands))} "
                f"Received: {args[0]!r}"
            )
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the verbs in the order in which they are used."""
        return list(self.commands)


def debug_option(command: Any) -> Any:
    """Adds `--debug` to a verb or to the group."""

    def remember(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value:
            ctx.meta[_DEBUG] = True

    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=remember,
        help="Show the traceback of an error.",
    )(command)


def when_interrupted(sentence: str) -> None:
    """Sets what is printed if the user stops the running verb."""
    click.get_current_context().meta[_INTERRUPTION] = sentence


def _leave(sentence: str, code: int) -> NoReturn:
    click.echo(sentence, err=True)
    raise click.exceptions.Exit(code)


def _is_broken_pipe(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno == errno.EPIPE
