#!/usr/bin/env bash
# One would guess that ONNX Runtime 1.32.0, asked for one of five outputs, runs
# only the nodes that this output needs, but it runs every node of the graph.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
venv/bin/python - <<'PYTHON'
import json
import sys
from importlib.metadata import version

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto
from onnx import helper
from onnx import numpy_helper

for name in ("onnxruntime", "onnx", "numpy"):
    print(name, version(name))

random = np.random.default_rng(0)
heads = [f"head_{number}" for number in range(5)]
graph = helper.make_graph(
    [helper.make_node("MatMul", ["x", f"{h}_w"], [h], name=h) for h in heads],
    "five_heads",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
    [helper.make_tensor_value_info(h, TensorProto.FLOAT, [1, 3]) for h in heads],
    [
        numpy_helper.from_array(random.normal(size=(4, 3)).astype("f"), f"{h}_w")
        for h in heads
    ],
)
model = helper.make_model(
    graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10
)
onnx.checker.check_model(model)

options = onnxruntime.SessionOptions()
options.enable_profiling = True
options.profile_file_prefix = "profile"
session = onnxruntime.InferenceSession(model.SerializeToString(), options)
answers = session.run(["head_0"], {"x": np.ones((1, 4), "float32")})
with open(session.end_profiling()) as file:
    events = json.load(file)
ran = sorted(
    event["name"].removesuffix("_kernel_time")
    for event in events
    if event["name"].endswith("_kernel_time")
)
print("outputs asked for and given: head_0 of", heads, "->", len(answers))
print("expected to run", ["head_0"])
print("seen to run    ", ran)
sys.exit(0 if len(answers) == 1 and ran == heads else 1)
PYTHON
