"""Kills writers of a bundle, and looks at what each leaves; run by a test."""

import os
import random
import signal
import sys
import time
import warnings

import numpy as np

from keras_snow.serving.bundle_folder import BundleFolder
from keras_snow.serving.packing import pack

if __name__ == "__main__":
    folder, kills = BundleFolder(sys.argv[1]), int(sys.argv[2])
    warnings.simplefilter("ignore")  # Of threads at a fork: a writer has one.
    task = folder.read().tasks["birds"]
    delta, arrays = pack(folder.load_delta(task))
    draw = random.Random(0)
    states = [task.file]
    longest = 0.05  # Seconds; more on a machine that is slow or busy.
    for _ in range(kills):
        writer = os.fork()
        while writer == 0:
            with folder.changing() as manifest:
                # No two files are alike; what is not asked for is not read.
                stamp = {"stamp": np.array(time.time_ns())}
                stored = folder.store(task, delta, arrays | stamp)
                manifest.tasks["birds"] = stored
        time.sleep(draw.uniform(0.0, longest))
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        states.append(folder.read().tasks["birds"].file)
        if states[-1] == states[-2]:
            longest *= 1.3
        problems = folder.verify()
        if problems:
            sys.exit(" ".join(problems))
    sys.stdout.write(f"{kills} {len(set(states))}")
