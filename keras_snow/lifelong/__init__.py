"""Tasks learned one after another, and told apart when nobody says."""

from keras_snow.lifelong.answer_routed import RoutedAnswer
from keras_snow.lifelong.answer_routed import answer_routed
from keras_snow.lifelong.learn import learn
from keras_snow.lifelong.methods import sequence_methods
from keras_snow.lifelong.options import LifelongOptions
from keras_snow.lifelong.route import route
from keras_snow.lifelong.routing import fit_and_evaluate
from keras_snow.lifelong.saved_sequence import SavedSequence
from keras_snow.lifelong.sequence_folder import SequenceFolder
from keras_snow.lifelong.several import learn_several
from keras_snow.lifelong.task_choice import TaskChoice
from keras_snow.lifelong.task_router import TaskRouter

__all__ = [
    "LifelongOptions",
    "RoutedAnswer",
    "SavedSequence",
    "SequenceFolder",
    "TaskChoice",
    "TaskRouter",
    "answer_routed",
    "fit_and_evaluate",
    "learn",
    "learn_several",
    "route",
    "sequence_methods",
]
