"""What may be searched for one hyperparameter: whatever lies between two ends, or a list of values.

The numbers that SageMaker tunes are searched between two ends in all of its documentation. Whether it takes a list for
one, as its grid search needs it, was never seen: should it refuse, `between_ends` says what comes nearest. Everything
here is plain data, as relay.yaml's `tuning.ranges` is stored: `min`, `max`, `scaling`, `values`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from chalicelib.algorithms.hyperparameters import Kind, is_number, is_whole, not_to_be_set, tuned
from chalicelib.algorithms.protocol import Algorithm

Range = Mapping[str, Any]
Kinds = Mapping[str, Kind]
"""What each hyperparameter of an algorithm may be."""

MOST_TRIALS = 750
"""The training jobs of one tuning job, at most."""


def fault(algorithm: Algorithm, name: str, bounds: Range) -> str | None:
    """Why SageMaker would not let one tune this hyperparameter so, as far as that is known; None if it does.

    >>> from chalicelib.algorithms import BUILT_IN
    >>> fault(BUILT_IN.of({}), "max_depth", {"min": None, "max": None, "values": ["3", "5.5"]})
    '"max_depth" is a whole number; \\'5.5\\' is not'
    """
    kinds = algorithm.kinds()
    if missing := not_to_be_set(algorithm, name):
        return missing
    if not kinds[name].tunable:
        tunable = ", ".join(sorted(one for one, kind in kinds.items() if kind.tunable))
        return f'SageMaker does not let "{name}" be tuned, only {tunable}; set it under hyperparameters'
    kind = tuned(kinds[name])
    values = bounds["values"] if bounds["values"] is not None else _ends(kind, bounds)
    wrong = next((found for found in map(kind.fault, values) if found), None)
    if wrong:
        return f'"{name}" {wrong}'
    plain = [float(value) if is_number(kind) else value for value in values]
    twice = next((value for place, value in enumerate(values) if plain.index(plain[place]) < place), None)
    return f'"{name}" has the value {twice} twice' if twice is not None else None


def _ends(kind: Kind, bounds: Range) -> list[Any]:
    ends = (bounds["min"], bounds["max"])
    return [int(end) if is_whole(kind, bounds) and float(end).is_integer() else end for end in ends]


def combinations(chosen: Mapping[str, Range], kinds: Kinds) -> float:
    """How many different trials these ranges allow; infinite where one of them is continuous.

    >>> from chalicelib.algorithms.hyperparameters import whole
    >>> eta, depth = {"values": ["0.1", "0.2"]}, {"min": 2, "max": 4, "values": None}
    >>> combinations({"eta": eta, "max_depth": depth}, {"max_depth": whole(0)})
    6
    """
    return math.prod(_choices(kinds.get(name), bounds) for name, bounds in chosen.items())


def _choices(kind: Kind | None, bounds: Range) -> float:
    if bounds["values"] is not None:
        return len(bounds["values"])
    return int(bounds["max"] - bounds["min"] + 1) if is_whole(kind, bounds) else math.inf


def lists(chosen: Mapping[str, Range], kinds: Kinds) -> list[str]:
    """The numbers of which a list of values is to be tried, by name."""
    return sorted(name for name, bounds in chosen.items() if _numbers(kinds.get(name), bounds))


def between_ends(chosen: Mapping[str, Range], kinds: Kinds) -> tuple[dict[str, Range], dict[str, str]]:
    """The same without lists of numbers: each from its smallest to its largest; and those that have one value only.

    >>> from chalicelib.algorithms.hyperparameters import Number, whole
    >>> kinds = {"eta": Number(0, 1), "max_depth": whole(0)}
    >>> less, fixed = between_ends({"eta": {"values": ["0.3", "0.1"]}, "max_depth": {"values": ["4"]}}, kinds)
    >>> less["eta"]["min"], less["eta"]["max"], fixed
    (0.1, 0.3, {'max_depth': '4'})
    """
    left: dict[str, Range] = {}
    fixed: dict[str, str] = {}
    for name, bounds in chosen.items():
        numbers = _numbers(kinds.get(name), bounds)
        if not numbers:
            left[name] = bounds
        elif min(numbers) == max(numbers):
            fixed[name] = bounds["values"][0]
        else:
            left[name] = {"min": min(numbers), "max": max(numbers), "scaling": "Auto", "values": None}
    return left, fixed


def _numbers(kind: Kind | None, bounds: Range) -> list[float]:
    """The values of a list, if all are numbers: what an older release let pass may be anything."""
    values = bounds["values"] or []
    if kind is None or not is_number(kind) or any(tuned(kind).fault(value) for value in values):
        return []
    return [float(value) for value in values]
