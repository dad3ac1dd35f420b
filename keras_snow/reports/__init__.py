"""Methods beside each other: trained, measured, tabulated and drawn."""

from keras_snow.reports.compare import compare
from keras_snow.reports.cross_validate import cross_validate
from keras_snow.reports.cross_validation_options import CrossValidationOptions
from keras_snow.reports.entry import Entry
from keras_snow.reports.options import CompareOptions
from keras_snow.reports.report import report

__all__ = [
    "CompareOptions",
    "CrossValidationOptions",
    "Entry",
    "compare",
    "cross_validate",
    "report",
]
