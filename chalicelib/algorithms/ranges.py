"""What may be searched for one hyperparameter: whatever lies between two ends, or a list of values.

The numbers that SageMaker tunes are searched between two ends in all of its documentation. Whether it takes a list for
one, as its grid search needs it, was never seen: should it refuse, `between_ends` says what comes nearest. Everything
here is plain data, as relay.yaml's `tuning.ranges` is stored: `min`, `max`, `scaling`, `values`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from chalicelib.algorithms import xgboost

Range = Mapping[str, Any]

MOST_TRIALS = 750
"""The training jobs of one tuning job, at most."""


def fault(name: str, bounds: Range) -> str | None:
    """Why SageMaker would not let one tune this hyperparameter so, as far as that is known; None if it does.

    >>> fault("max_depth", {"min": None, "max": None, "values": ["3", "5.5"]})
    '"max_depth" is a whole number; \\'5.5\\' is not'
    """
    if name in xgboost.SET_BY_SAGERELAY:
        return f'"{name}" follows from "task" and "tuning.objective"; set those instead'
    if name not in xgboost.KINDS:
        return xgboost.unknown(name)
    if name not in xgboost.TUNABLE:
        tunable = ", ".join(sorted(xgboost.TUNABLE))
        return f'SageMaker does not let "{name}" be tuned, only {tunable}; set it under hyperparameters'
    values = bounds["values"] if bounds["values"] is not None else _ends(name, bounds)
    wrong = next((found for found in map(xgboost.KINDS[name].fault, values) if found), None)
    if wrong:
        return f'"{name}" {wrong}'
    numbers = [float(value) for value in values]
    twice = next((value for place, value in enumerate(values) if numbers.index(numbers[place]) < place), None)
    return f'"{name}" has the value {twice} twice' if twice is not None else None


def _ends(name: str, bounds: Range) -> list[Any]:
    ends = (bounds["min"], bounds["max"])
    return [int(end) if xgboost.is_whole(name) and end.is_integer() else end for end in ends]


def combinations(chosen: Mapping[str, Range]) -> float:
    """How many different trials these ranges allow; infinite where one of them is continuous.

    >>> ends = {"min": None, "max": None}
    >>> combinations({"eta": {**ends, "values": ["0.1", "0.2"]}, "max_depth": {"min": 2, "max": 4, "values": None}})
    6
    """
    return math.prod(_choices(name, bounds) for name, bounds in chosen.items())


def _choices(name: str, bounds: Range) -> float:
    if bounds["values"] is not None:
        return len(bounds["values"])
    return int(bounds["max"] - bounds["min"] + 1) if xgboost.is_whole(name) else math.inf


def lists(chosen: Mapping[str, Range]) -> list[str]:
    """The numbers of which a list of values is to be tried, by name."""
    return sorted(name for name, bounds in chosen.items() if _numbers(name, bounds))


def between_ends(chosen: Mapping[str, Range]) -> tuple[dict[str, Range], dict[str, str]]:
    """The same without lists of numbers: each from its smallest to its largest; and those that have one value only.

    >>> less, fixed = between_ends({"eta": {"values": ["0.3", "0.1"]}, "max_depth": {"values": ["4"]}})
    >>> less["eta"]["min"], less["eta"]["max"], fixed
    (0.1, 0.3, {'max_depth': '4'})
    """
    left: dict[str, Range] = {}
    fixed: dict[str, str] = {}
    for name, bounds in chosen.items():
        numbers = _numbers(name, bounds)
        if not numbers:
            left[name] = bounds
        elif min(numbers) == max(numbers):
            fixed[name] = bounds["values"][0]
        else:
            left[name] = {"min": min(numbers), "max": max(numbers), "scaling": "Auto", "values": None}
    return left, fixed


def _numbers(name: str, bounds: Range) -> list[float]:
    """The values of a list, if all are numbers: what an older release let pass may be anything."""
    kind = xgboost.KINDS.get(name)
    values = bounds["values"] or []
    if kind is None or not xgboost.is_number(name) or any(kind.fault(value) for value in values):
        return []
    return [float(value) for value in values]
