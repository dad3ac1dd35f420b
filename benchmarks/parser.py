"""The command line that the benchmarks share."""

import argparse


def parser_of(name: str, description: str | None) -> argparse.ArgumentParser:
    """Returns the parser of a benchmark, without its arguments.

    Args:
        name: Of its module, as it is called.
        description: What `--help` says of it, with line breaks kept.

    Examples:
        >>> parser_of("load", None).prog
        'python -m benchmarks.load'
    """
    return argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
