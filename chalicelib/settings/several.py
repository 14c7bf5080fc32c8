"""Settings over several algorithms: what may stand beside a list, and what each of them makes of it.

Hyperparameters and their ranges are one algorithm's, so beside a list there are none: each is tuned over its own
default ranges. `early_stopping` is followed by those that it suits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.settings.defaults import ranges_of
from chalicelib.settings.stored import Settings

if TYPE_CHECKING:
    from chalicelib.algorithms.protocol import Algorithm

ONE_ALGORITHMS_OWN = (
    "belong to one algorithm, and a list has several: each is tuned over its own default ranges; take them out, or "
    "name one algorithm"
)
"""The rest of a sentence that began with what they are."""


def names(settings: Settings) -> tuple[str, ...]:
    """The algorithms of a list, in its order; none where there is no list."""
    chosen = settings["algorithm"]
    return tuple(chosen) if isinstance(chosen, list) else ()


def of_one(settings: Settings, name: str, algorithm: Algorithm, *, early_stopping: bool) -> Settings:
    """The settings as one of several algorithms has them. `early_stopping`: what relay.yaml says of it."""
    stops = early_stopping and algorithm.early_stopping
    tuning = {**settings["tuning"], "ranges": ranges_of(algorithm), "early_stopping": stops}
    return {**settings, "algorithm": name, "tuning": tuning}  # type: ignore[typeddict-item]
