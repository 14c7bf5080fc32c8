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
LEAST = 0.05
"""A weight below it costs a caller's time and makes no answer better."""
DOUBTED = 800
"""So many judged rows are believed by half what they say of weights, half as many by a third."""
_MUFFLED = 32
"""Times less loud than they are, rows are heard on what is believed of the members beforehand."""
_SPENT = 1e-9

Weights = npt.NDArray[np.float64]


def select(members: Sequence[Margins], labels: Labels, classes: int, prior: Weights | None = None) -> Weights:
    """Weights (members,) that sum to 1, from their margins for the judged rows.

    `prior`: weights that sum to 1 and that no row has been asked about. The search begins with them, as far as so few
    rows are not believed, and corrects them where the rows speak: because the best of many weightings of two hundred
    rows is best by luck, too.
    """
    begun = np.zeros(len(members)) if prior is None else prior * DOUBTED / (len(labels) + DOUBTED)
    if begun.max() < LEAST:
        begun = np.zeros(len(members))  # so many rows are believed all they say
    weights = _greedy(members, labels, classes, begun * STEPS) / STEPS
    weights[weights < LEAST] = 0.0
    return np.asarray(weights / weights.sum())


def muffled(prior: Weights, losses: Sequence[float], rows: int) -> Weights:
    """A prior, and what so many judged rows say against it, much less loud than they say it: it outlives differences
    that may be luck, and of a member that is clearly behind it keeps little. `losses`: the members' mean log losses.
    """
    behind = np.asarray(losses) - min(losses)
    heard = prior * np.exp(-behind * rows / _MUFFLED)
    return np.asarray(heard / heard.sum())


def _greedy(members: Sequence[Margins], labels: Labels, classes: int, begun: Weights) -> Weights:
    """Steps by member, `begun` among them."""
    chosen, done = begun.copy(), float(begun.sum())
    total = np.asarray(sum((part * member for part, member in zip(begun, members, strict=True)), np.zeros(())))
    while done < STEPS - _SPENT:
        step = min(1.0, STEPS - done)
        done += step
        losses = [loss((total + step * member) / done, labels, classes) for member in members]
        best = int(np.argmin(losses))
        chosen[best] += step
        total = total + step * members[best]
    return chosen


def mixed(members: Sequence[Margins], weights: npt.NDArray[np.float64]) -> Margins:
    """The ensemble's margins."""
    return np.asarray(sum(weight * member for weight, member in zip(weights, members, strict=True) if weight))
