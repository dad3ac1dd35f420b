"""FewShotOptions: what a study of few images can be told."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from keras_snow.core.checks import check_choice
from keras_snow.core.checks import check_count
from keras_snow.data.episodes import EpisodeShape
from keras_snow.fewshot.class_split import SCORED
from keras_snow.fewshot.feature_rule import FEATURES
from keras_snow.fewshot.scoring import DISTANCES


@dataclasses.dataclass(frozen=True)
class FewShotOptions:
    """What a study of few images can be told beside data and source.

    Args:
        ways: Numbers of classes of an episode, each scored.
        shots: Numbers of images of each class to learn from, each scored.
        queries: Images of each class to answer.
        features: Rules of features, see `make_rule`.
        distances: `"euclidean"` (squared), `"cosine"`, `"mahalanobis"` (the
            cosine where the covariance within base classes is a sphere) or
            `"parametric"` (a function that is learned on base classes).
        episodes: Episodes of each score.
        class_splits: Draws of base and novel classes, where data and run don't
            say which they are.
        on: `"novel"`, or `"validation"` to choose a rule.
        image_size: Pixels of a side.
        seed: Seed of classes, episodes and initial weights.
        verbose: Whether to show progress.

    Raises:
        TypeError: If a number is none.
        ValueError: If one is out of range, or a name unknown.

    Examples:
        >>> FewShotOptions(shots=(1, 5)).ways
        (5,)
    """

    ways: Sequence[int] = (5,)
    shots: Sequence[int] = (1, 5, 10)
    queries: int = 15
    features: Sequence[str] = ("last", "all")
    distances: Sequence[str] = ("euclidean", "cosine")
    episodes: int = 600
    class_splits: int = 4
    on: str = "novel"
    image_size: int = 224
    seed: int = 0
    verbose: bool = True

    def __post_init__(self) -> None:
        for name in ("ways", "shots", "features", "distances"):
            if not getattr(self, name):
                raise ValueError(f"Name at least one. Received: {name}=()")
        for ways in self.ways:
            for shots in self.shots:
                EpisodeShape(ways, shots, self.queries)
        for name in self.features:
            check_choice("features", name, FEATURES)
        for name in self.distances:
            check_choice("distance", name, DISTANCES)
        check_choice("on", self.on, SCORED)
        check_count("episodes", self.episodes, minimum=2)
        check_count("class_splits", self.class_splits)
        check_count("image_size", self.image_size)
        check_count("seed", self.seed, minimum=0)

    def largest_shape(self, ways: int) -> EpisodeShape:
        """Returns the shape of the episodes that are drawn for all shots.

        Args:
            ways: Classes of an episode.
        """
        return EpisodeShape(ways, max(self.shots), self.queries)

    def identity(self) -> dict[str, Any]:
        """Returns what results depend on, as plain data."""
        fields = dataclasses.asdict(self)
        del fields["verbose"]
        plain: dict[str, Any] = json.loads(json.dumps(fields))
        return plain
