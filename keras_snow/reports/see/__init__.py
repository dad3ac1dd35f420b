"""Figures of a run: read from its folder, drawn, written to a file."""

from keras_snow.reports.see.kinds import FIGURES
from keras_snow.reports.see.kinds import FigureKind
from keras_snow.reports.see.options import PlotOptions
from keras_snow.reports.see.plot import plot

__all__ = ["FIGURES", "FigureKind", "PlotOptions", "plot"]
