"""Ensemble selection: which members answer together, with what weight.

Greedy, with repetition, on predictions for rows that a member has not seen (Caruana, Niculescu-Mizil, Crew and Ksikes,
"Ensemble selection from libraries of models", 2004). It averages margins and not probabilities, so that the ensemble is
one sum of trees and one linear function; for probabilities that is the logarithmic opinion pool.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jobs.ensemble.losses import Labels, Margins, loss

STEPS = 40
LEAST = 0.03
"""A weight below it costs a caller's time and changes no answer."""
DOUBTED = 200
"""So many judged rows are believed by half what they say of weights, twice as many by two thirds."""


def select(
    members: Sequence[Margins], labels: Labels, classes: int, simple: int | None = None
) -> npt.NDArray[np.float64]:
    """Weights (members,) that sum to 1, from their margins for the judged rows.

    `simple`: a member that few rows mislead least. It gets what these are not believed, because the best of many
    weightings of two hundred rows is best by luck, too.
    """
    weights, doubt = _greedy(members, labels, classes), DOUBTED / (len(labels) + DOUBTED)
    weights[weights < LEAST] = 0.0
    weights /= weights.sum()
    if simple is not None and doubt >= LEAST:
        weights *= 1 - doubt
        weights[simple] += doubt
    return weights


def _greedy(members: Sequence[Margins], labels: Labels, classes: int) -> npt.NDArray[np.float64]:
    chosen = np.zeros(len(members))
    total = np.zeros_like(members[0])
    for step in range(STEPS):
        losses = [loss((total + member) / (step + 1), labels, classes) for member in members]
        best = int(np.argmin(losses))
        chosen[best] += 1
        total = total + members[best]
    return chosen / STEPS


def mixed(members: Sequence[Margins], weights: npt.NDArray[np.float64]) -> Margins:
    """The ensemble's margins."""
    return np.asarray(sum(weight * member for weight, member in zip(weights, members, strict=True) if weight))
