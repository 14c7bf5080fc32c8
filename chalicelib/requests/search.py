"""What a run's tuning searches, and how: as relay.yaml asks for it, or without the lists that SageMaker refused."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.algorithms import ranges
from chalicelib.algorithms.protocol import Algorithm
from chalicelib.algorithms.ranges import Range
from chalicelib.records.run import Run
from chalicelib.settings.stored import Settings


@dataclass(frozen=True, slots=True)
class Search:
    """A strategy, what it may try, and how often."""

    strategy: str
    ranges: Mapping[str, Range]
    trials: int
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Hyperparameters that would have been tuned over a list of one value."""

    @property
    def whole(self) -> bool:
        """Whether every combination is tried: then SageMaker counts them itself."""
        return self.strategy == "Grid"


def of(run: Run, algorithm: Algorithm) -> Search:
    """The search that this run asks SageMaker for."""
    asked = asked_for(run.settings, algorithm)
    return without_lists(asked, algorithm) if run.lists_refused else asked


def asked_for(settings: Settings, algorithm: Algorithm) -> Search:
    """The search that relay.yaml asks for.

    What is set under `hyperparameters` is not tuned, though the default ranges name it.
    """
    tuning = settings["tuning"]
    chosen = {name: bounds for name, bounds in tuning["ranges"].items() if name not in settings["hyperparameters"]}
    strategy = tuning["strategy"]
    combinations = ranges.combinations(chosen, algorithm.kinds())
    trials = int(combinations) if strategy == "Grid" and math.isfinite(combinations) else tuning["trials"]
    return Search(strategy, chosen, trials)


def without_lists(asked: Search, algorithm: Algorithm) -> Search:
    """The nearest search without lists of numbers: a grid becomes as many trials at random."""
    kinds = algorithm.kinds()
    left, fixed = ranges.between_ends(asked.ranges, kinds)
    trials = int(min(asked.trials, ranges.combinations(left, kinds)))
    return Search("Random" if asked.whole else asked.strategy, left, trials, fixed)
