"""A job in a process of its own, so that its memory can be measured."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
from typing import Any

from keras_snow.core.files import read_json
from keras_snow.reports.job import FAILED

PATIENCE = 10.0  # Seconds for a child to end before it is killed.


def run_in_child(job: dict[str, Any], log: pathlib.Path) -> dict[str, Any]:
    """Does a job in a new process, and waits for it.

    Returns:
        What `run_job` returned; `status` `"failed"` if the process died.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, log.open("ab") as words:
        result = pathlib.Path(folder, "result.json")
        with subprocess.Popen(
            [sys.executable, "-m", "keras_snow.reports.child", str(result)],
            stdin=subprocess.PIPE,
            stdout=words,
            stderr=words,
            bufsize=0,
            env=_environment(),
        ) as process:
            code = _talk(process, job)
        if result.is_file():
            outcome: dict[str, Any] = read_json(result)
            return outcome
    return {"status": FAILED, "problem": _describe_end(code, log)}


def _talk(process: "subprocess.Popen[bytes]", job: dict[str, Any]) -> int:
    """Hands over the job, and returns the process' exit code."""
    if process.stdin is None:
        raise ValueError("The process has no input. Received: stdin=None")
    try:
        # One that dies early is noticed by its exit code.
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(job).encode() + b"\n")
        return process.wait()
    except BaseException:
        process.stdin.close()  # Which the process takes as a sign to leave.
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


def _environment() -> dict[str, str]:
    """TensorFlow would else reserve a whole GPU, beside other processes."""
    defaults = {
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    return {**defaults, **os.environ, "MPLBACKEND": "Agg"}


def _describe_end(code: int, log: pathlib.Path) -> str:
    if code < 0:
        name = signal.Signals(-code).name
        hint = (
            ", as systems do that run out of memory"
            if name == "SIGKILL"
            else ""
        )
        return f"Its process was ended by {name}{hint}. See {log}."
    return f"Its process ended with exit code {code}. See {log}."
