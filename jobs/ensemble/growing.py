"""One member on the rows of one fold: which trees its family grows, and what they say in the unit of the labels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import xgboost as xgb

from jobs.ensemble import boosting, random_trees
from jobs.ensemble.boosting import Trees
from jobs.ensemble.forms import Family, Member
from jobs.ensemble.losses import Margins
from jobs.ensemble.problem import Problem


def grow(
    problem: Problem, fold: int, member: Member, learned: xgb.QuantileDMatrix, judged: xgb.DMatrix | None
) -> Trees:
    """`learned` and `judged` are the fold's rows as XGBoost takes them; without `judged` all rounds of the form."""
    seed = problem.seed + fold
    if member.family is Family.RANDOM:
        return random_trees.fit(*problem.sample(fold), member.form, seed)
    exponential = member.family is Family.EXPONENTIAL
    with _in_means(problem, [learned, judged] if exponential else []):
        return boosting.fit(
            learned,
            judged,
            member.form,
            problem.classes,
            seed=seed,
            threads=problem.threads_each,
            exponential=exponential,
        )


def told(problem: Problem, member: Member, margins: Margins) -> Margins:
    """The margins of a member's trees as those of the task, (rows, width)."""
    if member.family is not Family.EXPONENTIAL or problem.share is None:
        return margins
    return np.expm1(margins) / problem.share


@contextmanager
def _in_means(problem: Problem, data: list[xgb.DMatrix | None]) -> Iterator[None]:
    """Labels that are 1 on average and never negative, while a member learns the logarithm of them."""
    given = [(one, one.get_label()) for one in data if one is not None]
    for one, labels in given:
        one.set_label(np.maximum(1 + labels * (problem.share or 0.0), 0))
    yield
    for one, labels in given:
        one.set_label(labels)
