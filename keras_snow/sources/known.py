"""The networks that are known by name."""

import dataclasses
import re
from collections.abc import Iterable

from keras_snow.core.registry import Registry

_RESNET_TAPS = r"pool1_pool|conv\d_block\d+_out"
_SMALL_DENSENET_TAPS = r"stem|pool\d_relu|end_relu"


@dataclasses.dataclass(frozen=True)
class Network:
    """A network that is known by name.

    Args:
        application: Its name in `keras.applications`; of a small one, of the
            function in `keras_snow.sources.small` that builds it.
        preprocessing: Mode of `Preprocessing`; `"none"` if it has its own.
        taps: Regular expression of the names of its taps; all block ends if
            None.
        small: Whether it is one of ours for small images, of which there are
            no weights.
    """

    application: str
    preprocessing: str = "none"
    taps: str | None = None
    small: bool = False

    def taps_among(self, names: Iterable[str]) -> list[str] | None:
        """Returns the layers to tap; None for all block ends.

        Args:
            names: Of the layers of the network.

        Examples:
            >>> NETWORKS.get("resnet50").taps_among(["image", "pool1_pool"])
            ['pool1_pool']
        """
        if self.taps is None:
            return None
        return [name for name in names if re.fullmatch(self.taps, name)] or None


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

for _name, _application, _taps in (
    ("conv4", "conv4", r"block\d_pool"),
    ("resnet18_small", "res_net18", r"conv1_relu|conv\d_block\d_out"),
    ("densenet_bc_100_12", "dense_net_bc", _SMALL_DENSENET_TAPS),
    ("densenet121_small", "dense_net121", _SMALL_DENSENET_TAPS),
    ("wrn_28_10", "wide_res_net", r"stem|conv\d_block\d_out|end_relu"),
    ("squeezenet", "squeeze_net", r"conv1_relu|fire\d_out"),
    ("vit_small", "vit", None),
):
    NETWORKS.register(_name)(Network(_application, taps=_taps, small=True))
