"""The networks that are known by name."""

import dataclasses
import re
from collections.abc import Iterable

from keras_snow.core.registry import Registry

_RESNET_TAPS = r"pool1_pool|conv\d_block\d+_out"
_DENSENET_TAPS = r"pool1|pool\d_relu|relu"
# Its cells read the cell before the last, so paths meet nowhere.
_NASNET_TAPS = r"(normal|reduction)_concat_\w+"
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
        image_size: Pixels of a side of the images that it is built for; any
            if None.
    """

    application: str
    preprocessing: str = "none"
    taps: str | None = None
    small: bool = False
    image_size: int | None = None

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
    "nasnetmobile": Network("NASNetMobile", "tf", _NASNET_TAPS, image_size=224),
    "nasnetlarge": Network("NASNetLarge", "tf", _NASNET_TAPS, image_size=331),
}.items():
    NETWORKS.register(_name)(_network)

for _applications, _preprocessing, _taps in (
    ("DenseNet121 DenseNet169 DenseNet201", "torch", _DENSENET_TAPS),
    ("VGG16 VGG19", "caffe", None),
    ("Xception InceptionV3 InceptionResNetV2 MobileNet", "tf", None),
    ("MobileNetV3Small MobileNetV3Large", "none", None),
    ("EfficientNetB0 EfficientNetB1 EfficientNetB2", "none", None),
    ("EfficientNetB3 EfficientNetB4 EfficientNetB5", "none", None),
    ("EfficientNetB6 EfficientNetB7", "none", None),
    ("EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2", "none", None),
    ("EfficientNetV2B3 EfficientNetV2S EfficientNetV2M", "none", None),
    ("EfficientNetV2L ConvNeXtTiny ConvNeXtSmall", "none", None),
    ("ConvNeXtBase ConvNeXtLarge ConvNeXtXLarge", "none", None),
):
    for _application in _applications.split():
        NETWORKS.register(_application.lower())(
            Network(_application, _preprocessing, _taps)
        )

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
