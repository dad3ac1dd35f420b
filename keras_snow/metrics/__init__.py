"""Pure functions of numbers that were measured."""

from keras_snow.metrics.accuracy_matrix import average_accuracy
from keras_snow.metrics.accuracy_matrix import average_incremental_accuracy
from keras_snow.metrics.accuracy_matrix import backward_transfer
from keras_snow.metrics.accuracy_matrix import forgetting
from keras_snow.metrics.accuracy_matrix import forward_transfer
from keras_snow.metrics.accuracy_matrix import mean_of_measured_accuracies
from keras_snow.metrics.channel_statistics import ChannelStatistics
from keras_snow.metrics.class_moments import ClassMoments
from keras_snow.metrics.confidence_interval import confidence_interval
from keras_snow.metrics.confusion_matrix import confusion_matrix
from keras_snow.metrics.distances import calibrate_threshold
from keras_snow.metrics.distances import squared_distances
from keras_snow.metrics.fisher_ratio import fisher_ratio
from keras_snow.metrics.mistakes import list_mistakes
from keras_snow.metrics.selection_overlap import chance_overlap
from keras_snow.metrics.selection_overlap import jaccard
from keras_snow.metrics.selection_overlap import overlap_matrix
from keras_snow.metrics.shrinkage import shrink_covariance
from keras_snow.metrics.whitening import Whitening
from keras_snow.metrics.whitening import measure_whitening

__all__ = [
    "ChannelStatistics",
    "ClassMoments",
    "Whitening",
    "average_accuracy",
    "average_incremental_accuracy",
    "backward_transfer",
    "calibrate_threshold",
    "chance_overlap",
    "confidence_interval",
    "confusion_matrix",
    "fisher_ratio",
    "forgetting",
    "forward_transfer",
    "jaccard",
    "list_mistakes",
    "measure_whitening",
    "mean_of_measured_accuracies",
    "overlap_matrix",
    "shrink_covariance",
    "squared_distances",
]
