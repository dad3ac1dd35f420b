"""Tables of Markdown."""

from collections.abc import Sequence

ABSENT = "–"


def format_table(
    head: Sequence[str], lines: Sequence[Sequence[str]], left: int = 1
) -> str:
    """Returns a Markdown table.

    Args:
        head: Titles of the columns.
        lines: The cells, line by line.
        left: Columns that are set flush left; the others are numbers.

    Examples:
        >>> print(format_table(["task", "top-1"], [["dtd", "72.4"]]))
        | task | top-1 |
        |---|---:|
        | dtd | 72.4 |
    """
    marks = ["---" if i < left else "---:" for i in range(len(head))]
    rule = f"|{'|'.join(marks)}|"
    rows = [f"| {' | '.join(line)} |" for line in (head, *lines)]
    return "\n".join([rows[0], rule, *rows[1:]])
