"""`python -m keras_snow.reports.child RESULT`: does the job on its input.

The job is a line of JSON on standard input, which stays open as long as the
parent lives; the result goes to the file RESULT.
"""

import json
import os
import sys
import threading

INTERRUPTED = 130  # 128 + SIGINT, as shells have it.


def main() -> None:
    """Reads the job, does it, and writes how it ended."""
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_leave_with_the_parent, daemon=True).start()
    from keras_snow.core.files import write_json
    from keras_snow.reports.job import run_job

    try:
        write_json(sys.argv[1], run_job(job))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _leave_with_the_parent() -> None:
    """A run can be killed at any moment; nobody waits for this one then."""
    while os.read(sys.stdin.fileno(), 1):
        continue
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
