#!/usr/bin/env bash
# One would guess that a graph whose input and output are int64 computes in 64
# bits, as it does in ONNX Runtime 1.32.0, but OpenVINO 2026.4.1 on the CPU
# computes in 32 and returns int64 arrays of wrapped numbers, without a word.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    openvino==2026.4.1 onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

import numpy as np
import onnx
import onnxruntime
import openvino
from onnx import TensorProto
from onnx import helper

for name in ("openvino", "onnxruntime", "onnx", "numpy"):
    print(name, version(name))

graph = helper.make_graph(
    [helper.make_node("Add", ["ids", "ids"], ["twice"])],
    "doubles",
    [helper.make_tensor_value_info("ids", TensorProto.INT64, [3])],
    [helper.make_tensor_value_info("twice", TensorProto.INT64, [3])],
)
model = helper.make_model(
    graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10
)
onnx.checker.check_model(model)
data = model.SerializeToString()

ids = np.array([5, 3_000_000_000, 2**40 + 7], "int64")
expected = np.array([2 * int(value) for value in ids], "int64")
peer = onnxruntime.InferenceSession(data).run(None, {"ids": ids})[0]
core = openvino.Core()
compiled = core.compile_model(core.read_model(data), "CPU")
seen = compiled([ids])[0]
print("declared type of the output:", compiled.output(0).element_type)
print("expected    ", expected)
print("ONNX Runtime", peer)
print("OpenVINO    ", seen)

wrapped = expected.astype("int32").astype("int64")
holds = (
    np.array_equal(peer, expected)
    and seen.dtype == np.int64
    and seen[0] == expected[0]
    and not np.array_equal(seen, expected)
)
print("equal to the sum of the low 32 bits:", np.array_equal(seen, wrapped))
sys.exit(0 if holds else 1)
PYTHON
