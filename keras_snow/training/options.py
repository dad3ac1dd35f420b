"""TrainingOptions: what `train` can be told beside the recipe."""

import dataclasses
from typing import Any

from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_not_negative


@dataclasses.dataclass(frozen=True)
class TrainingOptions:
    """What `train` can be told beside model, task and recipe.

    Args:
        method: Name of the method, for the record. `None` takes that of
            `build_method`, or `"snow"` for a `SNOWModel`.
        source: Name or path of the source, with which `load_run` builds it
            again. `None` takes where the source was loaded from; a model whose
            source came from neither is saved whole.
        weights: Weights of a source given by name, beside `source`.
        notes: Plain data to keep with the run: `{"k": 0.125}`. It is part of
            what makes a run the same.
        strategy: `"auto"`, `"one_device"`, `"mirrored"` (TensorFlow, several
            GPUs), `"data_parallel"` (JAX, several devices) or `"multi_host"`
            (JAX, several processes, see `keras_snow.training.join_hosts`).
        xla: Whether to compile with XLA. `None` decides by device.
        precision: `"float32"`, `"mixed_bfloat16"` or `"mixed_float16"`. `None`
            takes the model's.
        engine: How the frozen source is run: `"float32"` (batch normalizations
            folded, equal up to rounding), `"bfloat16"` (folded, products in
            bfloat16, where the device is fast at it) or `"keras"` (as it is).
            `None` and `"auto"` choose `"float32"`.
        cache: Keeps decoded images: `None`, `"memory"` or a folder.
        cache_taps: Views of each training image to keep the source's maps of,
            so that the source runs once for the whole run; 0 runs it in every
            step. The first view is the evaluation crop.
        tap_folder: Where to keep these maps for other runs on the same task,
            source, size and seed. `None` keeps them with the run, while it
            lasts.
        cache_limit_gb: Most that the maps may take, in GB.
        settle_after: Epochs after which the choice of channel pooling stays as
            it is. Until then the source runs in every step; then it runs once,
            and of each of the `cache_taps` views the chosen maps alone are
            kept. `None` keeps all maps from the start, and the choice free.
        evaluation_batch_size: Images a step in evaluation.
        init: Folder of a finished run of the same model, whose weights a new
            run goes on from.
        solve_head: Whether the head of a `SNOWModel` is set to a ridge
            regression of three views of each training image and held there,
            while the blocks learn, see `SNOWModel.solve_head`. No epoch that is
            worse than this start on the validation split, in top-1 or loss, is
            kept. `None` does
            so where the head can be solved, with up to 4096 images.
        noise_seed: Seed of channel pooling's noise and of dropout. `None`
            takes the run's, which order and augmentation depend on always.
        command: What was typed, for the record. `None`: `sys.argv`.
        tensorboard: Whether to write TensorBoard logs.
        profile: First and last step, from 1 in this process, to write a profile
            of, for TensorBoard's profile plugin. `None` profiles nothing. With
            `settle_after` they are counted anew behind it.
        deterministic: Whether only kernels are used that repeat bit for bit,
            see `make_deterministic`.
        record_selections: Records an epoch of the chosen channels, kept in
            the run's folder; 0 keeps none.
        verbose: Whether to show the progress bar and what was chosen.

    Examples:
        >>> TrainingOptions(xla=True).strategy
        'auto'
    """

    method: str | None = None
    source: str | None = None
    weights: str | None = "imagenet"
    notes: dict[str, Any] = dataclasses.field(default_factory=dict)
    strategy: str = "auto"
    xla: bool | None = None
    precision: str | None = None
    engine: str | None = None
    cache: str | None = None
    cache_taps: int = 0
    tap_folder: str | None = None
    cache_limit_gb: float = 8.0
    settle_after: int | None = None
    evaluation_batch_size: int = 32
    init: str | None = None
    solve_head: bool | None = None
    noise_seed: int | None = None
    command: str | None = None
    tensorboard: bool = True
    profile: tuple[int, int] | None = None
    deterministic: bool = False
    record_selections: int = 1
    verbose: bool = True

    def __post_init__(self) -> None:
        check_count("cache_taps", self.cache_taps, minimum=0)
        check_count("record_selections", self.record_selections, minimum=0)
        check_count("evaluation_batch_size", self.evaluation_batch_size)
        if self.noise_seed is not None:
            check_count("noise_seed", self.noise_seed, minimum=0)
        check_not_negative("cache_limit_gb", self.cache_limit_gb)
        self._check_settling()

    def _check_settling(self) -> None:
        if self.settle_after is None:
            return
        check_count("settle_after", self.settle_after)
        if not self.cache_taps:
            raise ValueError(
                "A run that settles keeps the chosen maps: say of how many "
                "views of each image, `cache_taps=1` or more. Received: "
                f"settle_after={self.settle_after}, cache_taps=0"
            )
        if self.tap_folder is not None:
            raise ValueError(
                "The maps that a run has settled on are of no use to others. "
                "Leave out `tap_folder` or `settle_after`. Received: "
                f"settle_after={self.settle_after}, "
                f"tap_folder={self.tap_folder!r}"
            )

    def replace(self, **changes: Any) -> "TrainingOptions":
        """Returns a copy with some fields changed.

        Args:
            **changes: Fields and their new values.
        """
        return dataclasses.replace(self, **changes)
