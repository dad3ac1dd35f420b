"""Measurements: `python -m keras_snow.benchmarks.<name>`."""
