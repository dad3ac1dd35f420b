"""Parquet tables, and Matlab's files of published data sets, become tasks."""

import numpy as np
import pyarrow
import pyarrow.parquet
import scipy.io
import tiny

from keras_snow import load_task

tiny.draw()
cells = [f"images/{name}/{n}.png" for name in ("red", "blue") for n in range(4)]
table = pyarrow.table({"path": cells, "label": ["red"] * 4 + ["blue"] * 4})
pyarrow.parquet.write_table(table, "colours.parquet")
task = load_task("colours.parquet", validation=0, test=0)
assert np.bincount(task.labels("train")).tolist() == [4, 4]
scipy.io.savemat("labels.mat", {"labels": np.arange(3)})
assert scipy.io.loadmat("labels.mat")["labels"].tolist() == [[0, 1, 2]]
