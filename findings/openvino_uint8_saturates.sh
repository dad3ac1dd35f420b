#!/usr/bin/env bash
# One would guess that uint8 sums wrap around modulo 256 in every runtime of
# ONNX, as in NumPy and ONNX Runtime 1.32.0, but OpenVINO 2026.4.1 saturates:
# 250 + 10 is 255 there and 3 - 10 is 0.
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

pixels = np.array([250, 100, 3], "uint8")
ten = np.full(3, 10, "uint8")
core = openvino.Core()
holds = True
for node, function in (("Add", np.add), ("Sub", np.subtract)):
    graph = helper.make_graph(
        [helper.make_node(node, ["pixels", "ten"], ["result"])],
        "shifts",
        [
            helper.make_tensor_value_info("pixels", TensorProto.UINT8, [3]),
            helper.make_tensor_value_info("ten", TensorProto.UINT8, [3]),
        ],
        [helper.make_tensor_value_info("result", TensorProto.UINT8, [3])],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10
    )
    onnx.checker.check_model(model)
    data = model.SerializeToString()
    expected = function(pixels, ten)
    saturated = np.clip(function(pixels.astype(int), ten), 0, 255)
    session = onnxruntime.InferenceSession(data)
    peer = session.run(None, {"pixels": pixels, "ten": ten})[0]
    compiled = core.compile_model(core.read_model(data), "CPU")
    seen = compiled({"pixels": pixels, "ten": ten})[0]
    print(f"{node} of {pixels} and 10")
    print("  expected    ", expected)
    print("  ONNX Runtime", peer)
    print("  OpenVINO    ", seen)
    holds &= np.array_equal(peer, expected)
    holds &= np.array_equal(seen, saturated)
    holds &= not np.array_equal(seen, expected)
sys.exit(0 if holds else 1)
PYTHON
