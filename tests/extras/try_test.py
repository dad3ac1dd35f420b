"""Tests run; `.ci/run` runs them all."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
subprocess.run([*command, "-n", "2", "tests/core"], check=True, cwd=ROOT)
