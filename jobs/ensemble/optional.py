"""Which kinds of features a data set has no use for: each has to earn its place on rows that were not learned from.

How often a word occurs, its pieces, the time between two dates: on some data they say much, on others they are so many
columns of noise, which cost rounds, answers and, where rows are few, accuracy. One form is fitted on a fold or some
with all of them and again without each; a kind without which the judged rows are foretold no worse is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

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
    without = {group: ~np.isin(kinds, group) for group in present}
    tried = {group: columns for group, columns in without.items() if columns.any()}
    with_all, *lost = _lost(problem, form, [np.ones(len(kinds), dtype=bool), *tried.values()])
    return frozenset(kind for group, by in zip(tried, lost, strict=True) if by <= with_all for kind in group)


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


def _lost(problem: Problem, form: Form, choices: Sequence[npt.NDArray[np.bool_]]) -> list[float]:
    """What is lost by each choice of features.

    Folds are fitted side by side where there are some, which are small then, as in `fitting.fit_trees`; the rows of one
    are gathered once for all choices.
    """
    judging = _folds(problem)
    at_a_time = max(1, min(problem.threads, len(judging)))
    with ThreadPoolExecutor(at_a_time) as pool:
        found = list(
            pool.map(lambda fold: _margins(problem, fold, choices, form, problem.threads // at_a_time), judging)
        )
    labels = np.concatenate([problem.labels[problem.folds.parts[fold].judged] for fold in judging])
    return [loss(np.concatenate(margins), labels, problem.classes) for margins in zip(*found, strict=True)]


def _margins(
    problem: Problem, fold: int, choices: Sequence[npt.NDArray[np.bool_]], form: Form, threads: int
) -> list[Margins]:
    """For a fold's judged rows, of a form that is taught some of the features; for each choice of them."""
    matrix, learned = problem.sample(fold)
    judged, labels = problem.judged(fold), problem.labels[problem.folds.parts[fold].judged]
    found = []
    for columns in choices:
        held = np.ascontiguousarray(judged[:, columns])
        trees = boosting.fit(
            xgb.QuantileDMatrix(matrix[:, columns], learned),
            xgb.DMatrix(held, labels),
            form,
            problem.classes,
            seed=problem.seed,
            threads=max(1, threads),
        )
        found.append(trees.margins(held))
    return found
