"""Which kinds of features a data set has no use for: each has to earn its place on rows that were not learned from.

How often a word occurs, its pieces, the time between two dates: on some data they say much, on others they are so many
columns of noise, which cost rounds, answers and, where rows are few, accuracy. One form is fitted on a fold or some
with all of them and again without each; a kind without which the judged rows are foretold no worse is left out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from jobs.ensemble import boosting
from jobs.ensemble.boosting import Form
from jobs.ensemble.losses import Margins, loss
from jobs.ensemble.problem import Problem

GROUPS = (("n-grams",), ("frequency", "codes"), ("elapsed",), ("clock",))
"""Kinds of `jobs.encoding.kinds` that stand or fall together."""
_ENOUGH = 2_000
"""Judged rows that tell such differences from chance."""
_TITLES = {"n-grams": "pieces of words", "frequency": "how often words occur", "elapsed": "times between dates"}


def useless(problem: Problem, form: Form) -> frozenset[str]:
    """The kinds to be left out. Looks at as many folds as it needs, and at 100,000 rows of each at most."""
    of_block = problem.features.layout.of_block(0)
    encodings = problem.features.encoder.encodings
    kinds = np.array([encoding.kind for encoding in encodings for _ in encoding.features])[of_block]
    present = [group for group in GROUPS if np.isin(kinds, group).any()]
    if not present:
        return frozenset()
    judging = _folds(problem)

    def lost_by(columns: npt.NDArray[np.bool_]) -> float:
        margins = np.concatenate([_margins(problem, fold, columns, form) for fold in judging])
        labels = np.concatenate([problem.labels[problem.folds.parts[fold].judged] for fold in judging])
        return loss(margins, labels, problem.classes)

    with_all = lost_by(np.ones(len(kinds), dtype=bool))
    left: set[str] = set()
    for group in present:
        columns = ~np.isin(kinds, group)
        if columns.any() and lost_by(columns) <= with_all:
            left |= set(group)
    return frozenset(left)


def told(left: frozenset[str]) -> str:
    """A sentence for the log.

    >>> told(frozenset({"frequency", "codes"}))
    'Left out, for rows not learned from are foretold better so: how often words occur.'
    """
    names = [_TITLES.get(group[0], "times of day") for group in GROUPS if group[0] in left]
    return f"Left out, for rows not learned from are foretold better so: {', '.join(names)}."


def _folds(problem: Problem) -> range:
    """As many as it takes to judge by enough rows."""
    judged = np.cumsum([len(part.judged) for part in problem.folds.parts])
    return range(min(len(judged), int(np.searchsorted(judged, _ENOUGH)) + 1))


def _margins(problem: Problem, fold: int, columns: npt.NDArray[np.bool_], form: Form) -> Margins:
    """For the judged rows, of a form that is taught some of the features."""
    matrix, learned = problem.sample(fold)
    held = np.ascontiguousarray(problem.judged(fold)[:, columns])
    trees = boosting.fit(
        xgb.QuantileDMatrix(matrix[:, columns], learned),
        xgb.DMatrix(held, problem.labels[problem.folds.parts[fold].judged]),
        form,
        problem.classes,
        seed=problem.seed,
        threads=problem.threads,
    )
    return trees.margins(held)
