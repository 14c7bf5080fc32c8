"""Models whose confidence is known to be right, or wrong in a known way, and traffic for them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from jobs.metrics.predictions import Predictions
from jobs.performance_estimation import AnswerCounts, calibration

WORDS = ("no", "yes", "perhaps", "never")


@dataclass(frozen=True)
class Binary:
    """`x` is normal around `shift` with `spread`; the truth is logistic in x, moved by `concept`; the model says
    `overconfident` times the log-odds plus `bias`, and knows nothing of the concept's move. It says "yes" from a
    probability of `threshold` on.
    """

    shift: float = 0.0
    spread: float = 1.0
    concept: float = 0.0
    overconfident: float = 1.0
    bias: float = 0.0
    threshold: float = 0.5

    def rows(self, count: int, generator: np.random.Generator) -> Predictions:
        log_odds = 1.5 * generator.normal(self.shift, self.spread, count) - 0.5
        actual = (generator.random(count) < _share(log_odds - self.concept)).astype(int)
        chance = _share(self.overconfident * log_odds + self.bias)
        return Predictions(
            "binary", actual, (chance > self.threshold).astype(int), np.stack([1 - chance, chance], axis=1), 1
        )


@dataclass(frozen=True)
class Multiclass:
    """Four classes, linear in three normal inputs of which the first is moved by `shift`."""

    shift: float = 0.0
    overconfident: float = 1.0

    def rows(self, count: int, generator: np.random.Generator) -> Predictions:
        inputs = generator.normal(size=(count, 3)) + np.array([self.shift, 0.0, 0.0])
        scores = inputs @ np.random.default_rng(5).normal(0, 1.2, (3, len(WORDS)))
        truth = _softmax(scores)
        actual = (truth.cumsum(axis=1) < generator.random((count, 1))).sum(axis=1).clip(0, len(WORDS) - 1)
        chances = _softmax(self.overconfident * scores)
        return Predictions("multiclass", actual, chances.argmax(axis=1), chances)


def answers_of(held_out: Predictions) -> Any:
    """As much of answers.json as an estimate reads."""
    is_binary = held_out.task == "binary"
    classes = list(WORDS[:2] if is_binary else WORDS)
    document: Any = {"task": held_out.task, "classes": classes, "positive_class": "yes" if is_binary else None}
    return document | {"calibration": calibration(held_out, document)}


def counted(answers: Any, traffic: Predictions) -> AnswerCounts:
    counts = AnswerCounts.empty(answers)
    counts.add(np.array(answers["classes"])[traffic.predicted], traffic.probability)
    return counts


def _share(log_odds: Any) -> Any:
    return 1 / (1 + np.exp(-log_odds))


def _softmax(scores: Any) -> Any:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
