"""Installs each extra alone and runs what it is for.

Every line of README, CONTRIBUTING and docs that installs this package, and
every extra beside each backend, gets an environment of its own, in which
`try_EXTRA.py` does what the extra is for. `--fast` is what CI runs.

    python -m tests.extras [--fast] [--list] [EXTRA,EXTRA ...]
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import tomllib
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
BACKENDS = ("cpu", "jax")
# Gigabytes of CUDA, which `all` leaves out, too: tried when it is named.
WHEN_NAMED = "gpu"
PATIENCE = 1200  # Seconds for one command; a download may be slow.
FAST = ["jax,tuner", "cpu,export,serve"]


def known_extras() -> list[str]:
    """Returns the extras of `pyproject.toml`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return list(project["optional-dependencies"])


def documented() -> dict[str, str]:
    """Returns the extras that a page installs, each with the page."""
    found = {}
    for page in PAGES:
        for extras in re.findall(
            r"pip install [^\n`]*?\.\[([\w,]+)\]", page.read_text()
        ):
            found.setdefault(extras, page.relative_to(ROOT).as_posix())
    return found


def installed_apart() -> set[str]:
    """Returns what pages install that is not this package."""
    lines = "\n".join(page.read_text() for page in PAGES)
    commands = re.findall(r"pip install ([^\n&`]+)", lines)
    return {x.split(",")[0].strip() for x in commands if ".[" not in x}


def plan() -> list[str]:
    """Returns all that is tried: `"cpu,export"` and so on."""
    beside = [
        f"{backend},{extra}"
        for extra in known_extras()
        if extra not in (*BACKENDS, WHEN_NAMED, "test", "docs", "all")
        for backend in BACKENDS
    ]
    return list(dict.fromkeys([*BACKENDS, *documented(), *beside, "all"]))


def try_out(extras: str, folder: pathlib.Path) -> None:
    """Installs extras into a new environment and runs their main calls.

    Args:
        extras: `"cpu,export"`, for example.
        folder: Where to work, which is empty.

    Raises:
        subprocess.SubprocessError: If something fails or hangs.
    """
    place, work = folder / "environment", folder / "work"
    names = extras.split(",")
    work.mkdir()
    venv.create(place, with_pip=True)
    binaries = place / ("Scripts" if os.name == "nt" else "bin")
    environment = {
        **os.environ,
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "KERAS_BACKEND": "jax" if names[0] == "jax" else "tensorflow",
        "MPLBACKEND": "Agg",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONPATH": str(HERE),
        "PYTHONSAFEPATH": "1",
    }

    def run(*arguments: str, cwd: pathlib.Path = ROOT) -> None:
        command = [str(binaries / "python"), *arguments]
        subprocess.run(
            command, check=True, cwd=cwd, env=environment, timeout=PATIENCE
        )

    # What is compiled is what is imported, later.
    options = ["--quiet", "--no-compile", "--disable-pip-version-check"]
    run("-m", "pip", "install", *options, "-e", f".[{extras}]")
    run("-m", "pip", "check")
    # A backend is what the others run on, and tried by itself.
    for name in [x for x in names if x not in BACKENDS] or names:
        run(str(HERE / f"try_{name}.py"), *names, cwd=work)


def main() -> None:
    """Tries what is asked for, and exits with 1 if anything failed."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("extras", nargs="*", metavar="EXTRA,EXTRA")
    parser.add_argument("--fast", action="store_true", help="what CI runs")
    parser.add_argument("--list", action="store_true", help="run nothing")
    given = parser.parse_args()
    chosen = given.extras or (FAST if given.fast else plan())
    if given.list:
        sys.stdout.write("\n".join(chosen) + "\n")
        return
    failed = []
    for extras in chosen:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="keras-snow-") as folder:
            try:
                try_out(extras, pathlib.Path(folder))
            except subprocess.SubprocessError as error:
                sys.stdout.write(f"[{extras}] {error}\n")
                failed.append(extras)
        seconds = time.perf_counter() - began
        verdict = "FAILED" if extras in failed else "works"
        sys.stdout.write(f"[{extras}] {verdict}, {seconds:.0f} s\n")
        sys.stdout.flush()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
