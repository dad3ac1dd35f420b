"""TensorFlow on a CPU: a task is trained and answers, TensorBoard has logs."""

import subprocess

import tiny

tiny.train()
command = ["tensorboard", "--inspect", "--logdir", "run/logs"]
found = subprocess.run(command, check=True, capture_output=True, text=True)
assert "accuracy" in found.stdout, found.stdout
