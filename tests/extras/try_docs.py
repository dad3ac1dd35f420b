"""These pages are built."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
command += ["--site-dir", str(pathlib.Path("site").resolve())]
subprocess.run(command, check=True, cwd=ROOT)
assert pathlib.Path("site/index.html").is_file()
