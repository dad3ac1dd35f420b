"""All of them beside each other on a CPU."""

import runpy
import sys

sys.argv.append("cpu")
sys.argv.append("export")
runpy.run_module("try_serve")
