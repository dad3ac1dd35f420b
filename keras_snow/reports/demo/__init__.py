"""The demo: SNOW beside its rivals on tasks that are drawn on the spot."""

from keras_snow.reports.demo.run import run_demo
from keras_snow.reports.demo.settings import DemoSettings

__all__ = ["DemoSettings", "run_demo"]
