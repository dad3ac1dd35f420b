#!/usr/bin/env bash
# One would guess that a NaN in the input reaches the logits, so that a check of
# the answer finds broken input, as with ONNX Runtime 1.32.0, but the ReLU of
# OpenVINO 2026.4.1 (x86-64) turns NaN into 0 and the answer is finite and sure.
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
from onnx import numpy_helper

for name in ("openvino", "onnxruntime", "onnx", "numpy"):
    print(name, version(name))

random = np.random.default_rng(0)
hidden = random.normal(size=(4, 8)).astype("float32")
head = random.normal(size=(8, 3)).astype("float32")
graph = helper.make_graph(
    [
        helper.make_node("MatMul", ["x", "hidden"], ["before"]),
        helper.make_node("Relu", ["before"], ["after"]),
        helper.make_node("MatMul", ["after", "head"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["logits"]),
    ],
    "two_layers",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 4])],
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [2, 3])],
    [
        numpy_helper.from_array(hidden, "hidden"),
        numpy_helper.from_array(head, "head"),
        numpy_helper.from_array(np.array([5, 0, 0], "float32"), "bias"),
    ],
)
model = helper.make_model(
    graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10
)
onnx.checker.check_model(model)
data = model.SerializeToString()

x = np.ones((2, 4), "float32")
x[1, 2] = np.nan
before = x @ hidden
expected = np.where(before < 0, 0, before) @ head + [5, 0, 0]
peer = onnxruntime.InferenceSession(data).run(None, {"x": x})[0]
core = openvino.Core()
precision = {"INFERENCE_PRECISION_HINT": "f32"}
seen = core.compile_model(core.read_model(data), "CPU", precision)([x])[0]
print("expected    ", expected.round(3).tolist())
print("ONNX Runtime", peer.round(3).tolist())
print("OpenVINO    ", seen.round(3).tolist())

holds = (
    np.isnan(expected[1]).all()
    and np.isnan(peer[1]).all()
    and np.allclose(peer[0], expected[0], atol=1e-4)
    and np.allclose(seen[0], expected[0], atol=1e-4)
    and np.allclose(seen[1], [5, 0, 0])
)
sys.exit(0 if holds else 1)
PYTHON
