"""What watches a run while it trains."""

from keras_snow.callbacks.checkpoints import Checkpoints
from keras_snow.callbacks.curves import Curves
from keras_snow.callbacks.divergence_guard import DivergenceGuard
from keras_snow.callbacks.input_wait import InputWait
from keras_snow.callbacks.patience import Patience
from keras_snow.callbacks.peak_memory import PeakMemory
from keras_snow.callbacks.progress_bar import ProgressBar
from keras_snow.callbacks.run_state import RunState
from keras_snow.callbacks.selection_churn import SelectionChurn
from keras_snow.callbacks.selection_history import SelectionHistory
from keras_snow.callbacks.selection_recorder import SelectionRecorder
from keras_snow.callbacks.settled_selections import SettledSelections
from keras_snow.callbacks.step_profile import StepProfile
from keras_snow.callbacks.tensorboard import TensorBoardCallback
from keras_snow.callbacks.tensorboard import TensorBoardImportances
from keras_snow.callbacks.tensorboard import TensorBoardScalars
from keras_snow.callbacks.tensorboard import TensorBoardSelections
from keras_snow.callbacks.throughput import Throughput
from keras_snow.callbacks.unread_logs import UnreadLogs
from keras_snow.callbacks.validation import Validation

__all__ = [
    "Checkpoints",
    "Curves",
    "DivergenceGuard",
    "InputWait",
    "Patience",
    "PeakMemory",
    "ProgressBar",
    "RunState",
    "SelectionChurn",
    "SelectionHistory",
    "SelectionRecorder",
    "SettledSelections",
    "StepProfile",
    "TensorBoardCallback",
    "TensorBoardImportances",
    "TensorBoardScalars",
    "TensorBoardSelections",
    "Throughput",
    "UnreadLogs",
    "Validation",
]
