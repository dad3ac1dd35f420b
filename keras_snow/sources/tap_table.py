"""Taps as a table, as they are printed."""

from collections.abc import Sequence

from keras_snow.sources.tap import Tap


def tap_table(taps: Sequence[Tap]) -> str:
    """Returns a line for each tap: layer, channels, stride, tokens.

    Args:
        taps: In the order of depth.

    Examples:
        >>> print(tap_table([Tap("end", 384, 14, tokens=261, prefix=5)]))
        layer  channels  stride  tokens
        end         384      14  261, 5 before
    """
    tokens = any(tap.tokens for tap in taps)
    width = max(len("layer"), *(len(tap.name) for tap in taps))
    head = f"{'layer':{width}}  channels  stride"
    lines = [f"{head}  tokens" if tokens else head]
    for tap in taps:
        line = f"{tap.name:{width}}  {tap.channels:8}  {tap.stride:6}"
        if tap.tokens:
            before = f", {tap.prefix} before" if tap.prefix else ""
            line += f"  {tap.tokens}{before}"
        lines.append(line)
    return "\n".join(lines)
