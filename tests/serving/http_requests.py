"""What the tests of the server send to it."""

import io
import time

import numpy as np
from PIL import Image

from tests.toys import SIZE

MODEL = "/v2/models/shop"


def picture(colour=(200, 100, 50), size=(40, 48), kind="PNG"):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def tensor(sides=(1, SIZE, SIZE, 3), kind="FP32", **changed):
    data = np.full(sides, 100).tolist()
    known = {"name": "image", "shape": sides, "datatype": kind, "data": data}
    return {"inputs": [known | changed]}


def still_answers(client):
    return client.post("/predict", content=picture()).status_code == 200


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
