"""What runs a frozen source: the backend itself, folded, in bfloat16."""

from keras_snow.sources.engines.engine import ENGINES
from keras_snow.sources.engines.engine import make_pass
from keras_snow.sources.engines.engine import multiplies_bfloat16
from keras_snow.sources.engines.folded_pass import FoldedPass

__all__ = ["ENGINES", "FoldedPass", "make_pass", "multiplies_bfloat16"]
