"""Tables, as Markdown and as CSV."""

import csv
import io
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

ABSENT = "–"


def format_table(
    head: Sequence[str], lines: Sequence[Sequence[str]], left: int = 1
) -> str:
    """Returns a Markdown table; what is not among the `left` are numbers.

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


def format_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Returns rows as CSV, with the names of the first one's fields above.

    Examples:
        >>> print(format_csv([{"task": "dtd", "top1": 0.5}]))
        task,top1
        dtd,0.5
        <BLANKLINE>
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
