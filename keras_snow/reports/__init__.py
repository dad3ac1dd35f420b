"""Methods beside each other: trained, measured, tabulated and drawn."""

from keras_snow.reports.compare import compare
from keras_snow.reports.entry import Entry
from keras_snow.reports.options import CompareOptions
from keras_snow.reports.report import report

__all__ = ["CompareOptions", "Entry", "compare", "report"]
