"""What users type: help texts, and public names with their signatures.

`python -m tests.golden.surface` renews both files after a wanted change.
"""

import importlib
import inspect
import pathlib
import pkgutil

import click

import keras_snow
from keras_snow.cli.main import main

HERE = pathlib.Path(__file__).parent
HELP = HERE / "help.txt"
NAMES = HERE / "names.txt"
_PLAIN = (bool, int, float, str, type(None), tuple)


def help_texts():
    """Returns the help of each verb, one behind the other."""
    texts = []
    for path, command in commands(main, "keras-snow"):
        context = click.Context(
            command, info_name=path, **main.context_settings
        )
        texts.append(f"## {path}\n{command.get_help(context)}\n")
    return "\n".join(texts)


def commands(command, path):
    """Yields a command and all below it, with what is typed for each."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, f"{path} {name}")


def public_names():
    """Returns a line for each public name, argument list and member."""
    lines = []
    for package in ["", *packages()]:
        module = importlib.import_module(f"keras_snow{package}")
        for name in sorted(getattr(module, "__all__", [])):
            value = getattr(module, name)
            lines.extend(describe(f"keras_snow{package}.{name}", value))
    return "\n".join(lines) + "\n"


def packages():
    """Returns the packages with public names, with their dot."""
    found = pkgutil.walk_packages(keras_snow.__path__, "keras_snow.")
    return [x.name.removeprefix("keras_snow") for x in found if x.ispkg]


def describe(name, value):
    """Yields a name, and the members that are our own if it is a class."""
    if not callable(value):
        yield name if name.endswith("version__") else f"{name}: {kind(value)}"
        return
    yield f"{name}{arguments(value)}"
    if not inspect.isclass(value):
        return
    for member in sorted(members(value)):
        found = inspect.getattr_static(value, member)
        called = isinstance(found, (staticmethod, classmethod))
        function = found.__func__ if called else found
        shown = arguments(function) if inspect.isfunction(function) else ""
        yield f"  .{member}{shown}"


def members(value):
    """Returns the public attributes that a class of ours brings."""
    return {
        name
        for base in value.__mro__
        if base.__module__.startswith("keras_snow")
        for name in vars(base)
        if not name.startswith("_")
    }


def kind(value):
    """Returns the name of a value's class."""
    return type(value).__name__


def arguments(function):
    """Returns names, order and plain defaults; types are mypy's."""
    try:
        signature = inspect.signature(function)
    except ValueError:
        return "(…)"
    plain = [
        each.replace(
            annotation=inspect.Parameter.empty,
            default=each.default
            if each.default is each.empty or isinstance(each.default, _PLAIN)
            else Ellipsis,
        )
        for each in signature.parameters.values()
    ]
    return str(inspect.Signature(plain))


if __name__ == "__main__":
    HELP.write_text(help_texts())
    NAMES.write_text(public_names())
