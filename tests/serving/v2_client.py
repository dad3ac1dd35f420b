"""Asks a server as Triton's own client does; run by a test, elsewhere."""

import sys

import numpy as np
import tritonclient.http as v2
from tritonclient.utils import InferenceServerException

if __name__ == "__main__":
    address, name, size = sys.argv[1:]
    client = v2.InferenceServerClient(address)
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(name)
    outputs = client.get_model_metadata(name)["outputs"]
    assert [each["name"] for each in outputs] == ["birds", "cars"]
    pixels = np.full((2, int(size), int(size), 3), 100, "float32")
    found = []
    for binary in (True, False):
        image = v2.InferInput("image", list(pixels.shape), "FP32")
        image.set_data_from_numpy(pixels, binary_data=binary)
        asked = [v2.InferRequestedOutput("cars", binary_data=binary)]
        answer = client.infer(name, [image], outputs=asked)
        assert answer.as_numpy("birds") is None
        found.append(answer.as_numpy("cars"))
    assert found[0].tolist() == [[10.0, 10.0, 10.0, 0.0]] * 2
    assert found[1].tolist() == found[0].tolist()
    assert client.infer(name, [image]).as_numpy("birds").shape == (2, 3)
    try:
        client.infer(name, [image], outputs=[v2.InferRequestedOutput("dogs")])
    except InferenceServerException as error:
        sys.stdout.write(str(error))
