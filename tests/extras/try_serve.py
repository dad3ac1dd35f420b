"""A server of what is there; a better runtime that is not there is told."""

import json
import pathlib
import subprocess
import sys
import urllib.request

import tiny

from keras_snow.serving.open_runtime import why_not

IMAGE = pathlib.Path("images/red/0.png")


def lines_of(runtime: str) -> list[str]:
    """Starts a server, asks it for an answer, and returns what it said."""
    command = [sys.executable, "-m", "keras_snow.cli", "serve", "shop"]
    command += ["--port", "0", "--runtime", runtime]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        lines = []
        for line in server.stdout:
            lines.append(line.strip())
            if line.startswith("http://"):
                break
        try:
            address = f"{lines[-1]}/predict"
            request = urllib.request.Request(address, IMAGE.read_bytes())
            with urllib.request.urlopen(request, timeout=60) as answer:
                tasks = json.load(answer)["tasks"]
            first = tasks["colours"]["predictions"][0]
            assert first["class"] == "red", tasks
        finally:
            server.terminate()
    return lines


tiny.bundle()
missed = why_not("openvino")
said = "\n".join(lines_of("auto"))
assert ("openvino is preferred, but not tried" in said) == bool(missed), said
if "export" in sys.argv and "cpu" in sys.argv:
    assert "32 px, openvino" in said, said
elif "cpu" in sys.argv:
    assert "32 px, tensorflow" in said, said
    assert ".[export]" in said, said
else:
    assert "32 px, jax" in said, said
