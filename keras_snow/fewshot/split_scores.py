"""The scores of one class split: every rule, distance, ways and shots."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from keras_snow.data.episodes import Episodes
from keras_snow.data.episodes import EpisodeSampler
from keras_snow.deltas.delta import Delta
from keras_snow.fewshot.class_split import ClassSplit
from keras_snow.fewshot.feature_rule import FeatureRule
from keras_snow.fewshot.feature_rule import make_rule
from keras_snow.fewshot.learned_distance import LearnedDistance
from keras_snow.fewshot.options import FewShotOptions
from keras_snow.fewshot.pool import Pool
from keras_snow.fewshot.scoring import score_episodes

Key: TypeAlias = tuple[str, str, int, int]
"""Features, distance, ways, shots."""
Score: TypeAlias = Callable[[np.ndarray, Episodes], np.ndarray]


def score_split(
    pool: Pool, split: ClassSplit, options: FewShotOptions, delta: Delta | None
) -> dict[Key, np.ndarray]:
    """Returns the accuracy of each episode, by what was scored.

    All is scored on the same images: fewer shots are the first ones of more.

    Args:
        pool: Features of all classes.
        split: Base and scored classes.
        options: What to score.
        delta: Of a SNOW run, for `"chosen"`.

    Raises:
        ValueError: If there are too few classes or images, or no delta.
    """
    base, scored = pool.only(split.base), pool.only(split.scored)
    drawn = {
        ways: EpisodeSampler(
            scored.labels,
            options.largest_shape(ways),
            options.seed,
            scored.class_names,
        ).draw(0, options.episodes)
        for ways in options.ways
    }
    found: dict[Key, np.ndarray] = {}
    for name in options.features:
        rule = make_rule(name, base, delta)
        for distance in options.distances:
            mine = rule.whitened(base) if distance == "mahalanobis" else rule
            asked = mine(scored.features)
            for shots in options.shots:
                score = _scorer(distance, mine, base, shots, options.seed)
                for ways, episodes in drawn.items():
                    few = episodes.support[..., :shots]
                    found[name, distance, ways, shots] = score(
                        asked, episodes._replace(support=few)
                    )
    return found


def _scorer(
    distance: str, rule: FeatureRule, base: Pool, shots: int, seed: int
) -> Score:
    """Returns what scores episodes; a function is learned for each shots."""
    if distance == "parametric":
        learned = LearnedDistance(shots, seed)
        learned.fit(rule(base.features), base.labels)
        return learned.score
    cosine = distance != "euclidean"
    return lambda asked, few: score_episodes(asked, few, cosine)
