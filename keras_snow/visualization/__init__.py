"""Figures of plain arrays, drawn without a display."""

from keras_snow.visualization.accuracies import draw_accuracy_matrix
from keras_snow.visualization.accuracies import draw_accuracy_over_sequence
from keras_snow.visualization.activation_maps import draw_activations
from keras_snow.visualization.activation_maps import draw_chosen_maps
from keras_snow.visualization.canvas import save_figure
from keras_snow.visualization.confusion import draw_confusion
from keras_snow.visualization.filters import draw_filters
from keras_snow.visualization.heat_maps import draw_heat_maps
from keras_snow.visualization.importances import draw_importances
from keras_snow.visualization.levels import draw_levels
from keras_snow.visualization.mistakes import draw_mistakes
from keras_snow.visualization.overlap import draw_overlap
from keras_snow.visualization.selections import draw_selections
from keras_snow.visualization.training_curves import draw_training_curves

__all__ = [
    "draw_accuracy_matrix",
    "draw_accuracy_over_sequence",
    "draw_activations",
    "draw_chosen_maps",
    "draw_confusion",
    "draw_filters",
    "draw_heat_maps",
    "draw_importances",
    "draw_levels",
    "draw_mistakes",
    "draw_overlap",
    "draw_selections",
    "draw_training_curves",
    "save_figure",
]
