"""The names of methods, known before any method is loaded."""

from keras_snow.core.registry import nearest_names

METHOD_NAMES = {
    "snow": "snow",
    "fo": "final_only",
    "fe": "feature_extraction",
    "ft": "fine_tuning",
    "ft_last": "partial_fine_tuning",
    "scratch": "from_scratch",
    "mp_bn": "scale_and_bias_patch",
    "mp_depthwise": "depthwise_patch",
    "bn": "batch_norm_tuning",
    "lora": "low_rank_adaptation",
    "pn": "progressive_net",
    "lf": "learning_without_forgetting",
    "probe_last": "probe_last",
    "probe_all": "probe_all",
}
"""Short name and long name of each; the long one is that of its function."""

SEQUENCES = {"ft_shared": "ft", "lf": "lf"}
"""Methods of sequences whose tasks share a body: the method of one task."""

LONG_NAMES = {long: short for short, long in METHOD_NAMES.items()} | {
    "shared_fine_tuning": "ft_shared",
    "linear_probe": "probe_all",
    "model_patch": "mp_bn",
    "lwf": "lf",
}
"""Words that hints know a method by, with its short name."""


def check_method(name: str, sequences: bool = False) -> str:
    """Returns the name of a method if there is such a one.

    Examples:
        >>> check_method("ft")
        'ft'
    """
    known = list({**METHOD_NAMES, **(SEQUENCES if sequences else {})})
    if name not in known:
        also = {x: y for x, y in LONG_NAMES.items() if y in known}
        raise ValueError(
            f"Unknown method. {nearest_names(name, known, also)} "
            f"Received: method={name!r}"
        )
    return name
