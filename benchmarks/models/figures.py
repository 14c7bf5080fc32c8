"""From results to figures. A set's loss is the geometric mean over the splits that all who are compared have done.

A peer that failed on a split takes the split out of its comparisons and not out of others'; how many sets and splits a
figure speaks of stands beside it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.models.entrants import AUTOML, OURS, TREES
from benchmarks.models.results import Results, Run

_LINE = re.compile(r"^(\S+) split (\d+): ([\d.eE+-]+)")
Losses = Mapping[tuple[str, int], float]


def all_figures(results: Results, beside: str = "") -> dict[str, Any]:
    """Every figure that the results are enough for. `beside`: somebody else's losses, see `losses_of`."""
    found: dict[str, Any] = {
        name: summary({of_set: one.ratio for of_set, one in compared.items()})
        for name, compared in comparisons(results, beside).items()
        if compared
    }
    return found | calibration(results) | few_rows(results) | results.others


def comparisons(results: Results, beside: str = "") -> dict[str, dict[str, "Compared"]]:
    """By whom ours is compared with, and by set."""
    ours = of(results, OURS)
    others = {"trees": [of(results, name) for name in TREES]} | {name: [of(results, name)] for name in AUTOML}
    return {name: ratios(ours, losses) for name, losses in (others | {"beside": [losses_of(beside)]}).items()}


def of(results: Results, entrant: str) -> Losses:
    runs = chosen(results, entrant)
    return {(run.set, run.split): run.scores["loss"] for run in runs}


def chosen(results: Results, entrant: str, *, few: bool = False) -> Iterator[Run]:
    return (run for run in results.runs.values() if run.entrant == entrant and run.few == few and not run.failed)


def losses_of(text: str) -> Losses:
    """Losses measured elsewhere on the same splits, one a line.

    >>> losses_of("telco split 0: 0.41  in 3 s")
    {('telco', 0): 0.41}
    """
    lines = (_LINE.match(line) for line in text.splitlines())
    return {(line[1], int(line[2])): float(line[3]) for line in lines if line}


@dataclass(frozen=True)
class Compared:
    """Our loss over that of the best of others on a set; `splits`: that all of them did."""

    ratio: float
    splits: int


def ratios(ours: Losses, others: Sequence[Losses]) -> dict[str, Compared]:
    """Of each set: our loss over that of the best of the others; the best on the whole set, not split by split."""
    common = {key for key in ours if all(key in losses for losses in others)} if others else set()
    found = {}
    for name in dict.fromkeys(key[0] for key in ours if key in common):
        keys = [key for key in common if key[0] == name]
        best = min(geometric_mean(losses[key] for key in keys) for losses in others)
        found[name] = Compared(geometric_mean(ours[key] for key in keys) / best, len(keys))
    return found


def geometric_mean(values: Iterable[float]) -> float:
    """
    >>> round(geometric_mean([0.5, 2.0]), 9)
    1.0
    """
    return float(np.exp(np.mean([np.log(max(value, 1e-12)) for value in values])))


def summary(compared: Mapping[str, float]) -> dict[str, float]:
    """
    >>> summary({"a": 0.5, "b": 2.0})
    {'geometric_mean': 1.0, 'worst': 2.0, 'share_won': 0.5, 'sets': 2}
    """
    values = list(compared.values())
    return {
        "geometric_mean": round(geometric_mean(values), 6),
        "worst": max(values),
        "share_won": sum(value <= 1 for value in values) / len(values),
        "sets": len(values),
    }


def calibration(results: Results) -> dict[str, Any]:
    """Mean expected calibration errors of ours and of the Platt-scaled single model, on the pairs that both did."""
    both = calibrated_pairs(results)
    if not both:
        return {}
    ours, platt = map(float, np.mean(list(both.values()), axis=0))
    return {"calibration": {"ours": ours, "platt": platt, "ratio": ours / platt, "pairs": len(both)}}


def calibrated_pairs(results: Results) -> dict[tuple[str, int], tuple[float, float]]:
    """The errors of ours and of the Platt-scaled model, by set and split."""
    ours, platt = (
        {
            (run.set, run.split): run.scores["calibration_error"]
            for run in chosen(results, name)
            if "calibration_error" in run.scores
        }
        for name in (OURS, "platt")
    )
    return {key: (error, platt[key]) for key, error in ours.items() if key in platt}


def few_rows(results: Results) -> dict[str, Any]:
    """Mean AUC over the draws of 200 rows, ours less the linear model's: the mean of the sets, and the least."""
    draws = few_draws(results)
    if not draws:
        return {}
    means = {
        name: float(np.mean([ours.scores["auc"] - linear.scores["auc"] for ours, linear in pairs]))
        for name, pairs in draws.items()
    }
    count = sum(map(len, draws.values()))
    mean = float(np.mean(list(means.values())))
    return {"few_rows": {"mean_gain_in_auc": mean, "least_gain_in_auc": min(means.values()), "draws": count}}


def few_draws(results: Results) -> dict[str, list[tuple[Run, Run]]]:
    """Ours and the linear model on the draws that both did, by set."""
    ours, linear = ({(run.set, run.split): run for run in chosen(results, name, few=True)} for name in (OURS, "linear"))
    found: dict[str, list[tuple[Run, Run]]] = {}
    for key in sorted(ours.keys() & linear.keys()):
        found.setdefault(key[0], []).append((ours[key], linear[key]))
    return found
