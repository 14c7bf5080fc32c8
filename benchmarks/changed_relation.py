"""The same inputs, other outcomes: how often it is said without being so, and how soon when it is.

Models made up from seeds, judged through the state that quality checks hand on (`jobs.relation`), a hundred labelled
rows a check and a check a day. Without a change, whole lives of 200 checks: independent rows; traffic that moves away
from training by 1.5 standard deviations slowly, or by 0.75 at once, under a model that is too sure of itself and misses
how one input bends another; callers who repeat themselves; numbers with heavy tails. With a change at check 50: how
many checks until it is said, beside today's rule of a fixed window (a loss of accuracy that is larger than 0.02, or of
mean absolute error by 2 %, and certain, over the rows of 30 days) and river's ADWIN and DDM on the same losses row by
row. River is installed into an environment of its own.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import beta

from benchmarks import peers
from jobs.metrics.predictions import Predictions
from jobs.relation.following import State, follow
from tests.relation.made_up import BEGAN, DAY, Floats, Made, classes, labelled, numbers, promise

LIVES, CHECKS, ROWS, HELD_OUT = 400, 200, 100, 1000
CHANGES, BEFORE, AFTER = 40, 50, 50
WINDOW, MAX_LOSS = 30, 0.02
Make = Callable[[int, np.random.Generator], Made]


def repeated(_: int, random: np.random.Generator) -> Made:
    """A fifth of the rows are new callers, who come five times over."""
    few = classes(ROWS // 5, random)
    again = random.permutation(np.tile(np.arange(ROWS // 5), 5))
    return Made(few.inputs[again], few.predictions.take(again))


CALM: dict[str, Make] = {
    "independent": lambda _, random: classes(ROWS, random),
    "traffic that moves slowly": lambda number, random: classes(ROWS, random, moved=1.5 * number / CHECKS),
    "traffic that moves at once": lambda number, random: classes(ROWS, random, moved=0.75 * (number >= BEFORE)),
    "callers five times over": repeated,
    "numbers, heavy tails": lambda _, random: numbers(ROWS, random),
    "numbers, traffic moves slowly": lambda number, random: numbers(ROWS, random, moved=1.5 * number / CHECKS),
}


def _classes(toward: float) -> Make:
    return lambda number, random: classes(ROWS, random, toward=toward * (number >= BEFORE))


def _numbers(shift: float = 0.0, scale: float = 1.0) -> Make:
    def make(number: int, random: np.random.Generator) -> Made:
        return numbers(ROWS, random, shift=shift, scale=scale) if number >= BEFORE else numbers(ROWS, random)

    return make


CHANGED: dict[str, Make] = {
    "yes more frequent, 0.3 in log-odds": _classes(0.3),
    "yes more frequent, 0.5": _classes(0.5),
    "yes more frequent, 1.0": _classes(1.0),
    "yes more frequent, 2.0": _classes(2.0),
    "no more frequent, 1.0": _classes(-1.0),
    "numbers higher by 0.5 of their scale": _numbers(shift=0.5),
    "numbers higher by 1.0": _numbers(shift=1.0),
    "errors twice as large": _numbers(scale=2.0),
}


def measure() -> dict[str, Any]:
    """Shares of lives with a false alarm, with the upper end of their exact interval; checks until a change is said."""
    return {"calm": calm(LIVES), "changed": changed(CHANGES)}


def calm(lives: int) -> dict[str, Any]:
    """Lives without a change, the families in turn."""
    rang: dict[str, list[bool]] = {name: [] for name in CALM}
    for seed in range(lives):
        name = list(CALM)[seed % len(CALM)]
        random = np.random.default_rng(seed)
        rang[name].append(_says(CALM[name], random, CHECKS)[0] is not None)
    for name, found in rang.items():
        print(f"without a change, {name}: {sum(found)} of {len(found)} lives of {CHECKS} checks", file=sys.stderr)
    alarms, many = sum(map(sum, rang.values())), sum(map(len, rang.values()))
    upper = 1.0 if alarms == many else float(beta.ppf(0.975, alarms + 1, many - alarms))
    return {"lives": many, "false_alarms": alarms, "upper_bound": round(upper, 4)}


def changed(times: int) -> dict[str, Any]:
    """Checks until a change is said: ours, the fixed window's, ADWIN's and DDM's; and who rang before it."""
    lives = {
        name: [_says(make, np.random.default_rng(1000 + seed), BEFORE + AFTER, peers_too=True) for seed in range(times)]
        for name, make in CHANGED.items()
    }
    theirs = _river([losses.tolist() for found in lives.values() for _, losses, _ in found])
    figures: dict[str, Any] = {}
    for place, (name, found) in enumerate(lives.items()):
        of_it = theirs[place * times : (place + 1) * times]
        said = {
            "ours": [one for one, _, _ in found],
            "window": [_window(losses, reference) for _, losses, reference in found],
            "adwin": [one["adwin"] for one in of_it],
            "ddm": [one["ddm"] for one in of_it],
        }
        figures[name] = {who: _delays(checks) for who, checks in said.items()}
        print(f"{name}: {figures[name]}", file=sys.stderr)
    return figures


def _delays(checks: list[int | None]) -> dict[str, Any]:
    """The share that rang before the change; of the others the share that found it, and the median of checks until."""
    early = sum(one is not None and one < BEFORE for one in checks)
    late = [one - BEFORE if one is not None else None for one in checks if one is None or one >= BEFORE]
    found = [one + 1 for one in late if one is not None]
    return {
        "rang_before": round(early / len(checks), 3),
        "found": round(len(found) / max(len(late), 1), 3),
        "median_checks": float(np.median(found)) if found else None,
    }


def _says(
    make: Make, random: np.random.Generator, checks: int, *, peers_too: bool = False
) -> tuple[Any, Floats, Floats]:
    """The check that says the relation has changed (None), all losses row by row, and those of the held-out rows."""
    held_out = _together([make(0, random) for _ in range(HELD_OUT // ROWS)])
    promised, bet = promise(held_out)
    state, losses, said = State.nothing(promised, bet), [], None
    for number in range(checks):
        made = make(number, random)
        losses.append(_losses(made))
        if said is None:
            rows = labelled(made, BEGAN + number * DAY, str(number))
            state = follow(state, promised, bet, rows, f"quality-{number}")
            said = number if state.evidence.changed is not None else None
        if said is not None and not peers_too:
            break
    return said, np.concatenate(losses), _losses(held_out)


def _together(parts: list[Made]) -> Made:
    told = [part.predictions for part in parts]
    chances = [one.probability for one in told if one.probability is not None]
    actual, predicted = (np.concatenate([getattr(one, name) for one in told]) for name in ("actual", "predicted"))
    both = Predictions(told[0].task, actual, predicted, np.concatenate(chances) if chances else None, told[0].positive)
    return Made(np.concatenate([part.inputs for part in parts]), both)


def _losses(made: Made) -> Floats:
    told = made.predictions
    return np.asarray(np.abs(told.actual - told.predicted), np.float64)


def _window(losses: Floats, reference: Floats) -> int | None:
    """The first check at which the mean loss of the newest WINDOW checks is worse by more than is allowed, and
    certainly: a normal 95 % interval of the difference, as exact as the bootstrap's at these sizes."""
    allowed = MAX_LOSS if set(np.unique(reference)) <= {0.0, 1.0} else MAX_LOSS * float(reference.mean())
    for check in range(len(losses) // ROWS):
        recent = losses[max(0, check + 1 - WINDOW) * ROWS : (check + 1) * ROWS]
        lost = recent.mean() - reference.mean()
        error = np.sqrt(recent.var() / len(recent) + reference.var() / len(reference))
        if lost > allowed and lost - 1.96 * error > 0:
            return check
    return None


def _river(lives: list[list[float]]) -> list[dict[str, int | None]]:
    """What ADWIN and DDM say, with their defaults: the first check whose rows they call a drift."""
    script = Path(__file__).parent / "peers" / "losses.py"
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "lives.json"
        asked.write_text(json.dumps({"rows": ROWS, "lives": lives}))
        python = str(peers.environment("streams", peers.STREAMS))
        told = subprocess.run([python, str(script), str(asked)], capture_output=True, text=True, check=True)
    answered: list[dict[str, int | None]] = json.loads(told.stdout)
    return answered


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
