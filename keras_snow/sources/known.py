"""The networks of `keras.applications` that are known by name."""

import dataclasses

from keras_snow.core.registry import Registry

_RESNET_TAPS = r"pool1_pool|conv\d_block\d+_out"


@dataclasses.dataclass(frozen=True)
class Network:
    """A network of `keras.applications`.

    Args:
        application: Its name there.
        preprocessing: Mode of `Preprocessing`; `"none"` if it has its own.
        taps: Regular expression of the names of its taps; all block ends if
            None.
    """

    application: str
    preprocessing: str
    taps: str | None = None


NETWORKS: Registry[Network] = Registry("source")

for _name, _network in {
    "resnet50": Network("ResNet50", "caffe", _RESNET_TAPS),
    "resnet101": Network("ResNet101", "caffe", _RESNET_TAPS),
    "resnet152": Network("ResNet152", "caffe", _RESNET_TAPS),
    "resnet50v2": Network("ResNet50V2", "tf", _RESNET_TAPS),
    "resnet101v2": Network("ResNet101V2", "tf", _RESNET_TAPS),
    "resnet152v2": Network("ResNet152V2", "tf", _RESNET_TAPS),
    "mobilenetv2": Network("MobileNetV2", "tf"),
    "densenet121": Network("DenseNet121", "torch", r"pool1|pool\d_relu|relu"),
    "efficientnetv2b0": Network("EfficientNetV2B0", "none"),
    "convnexttiny": Network("ConvNeXtTiny", "none"),
}.items():
    NETWORKS.register(_name)(_network)
