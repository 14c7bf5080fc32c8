"""Pictures of a tuning: how the search went, and what each hyperparameter had to do with it."""

from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator, NullLocator

from jobs.report.canvas import MUTED, SERIES, drawing

_LEVELS = 12


def search(done: list[tuple[int, float]], *, maximize: bool) -> str:
    """Each trial's objective in the order they began, and the best so far as a line. `done`: (number, objective)."""
    numbers, values = np.array([one[0] for one in done]), np.array([one[1] for one in done])
    best = (np.maximum if maximize else np.minimum).accumulate(values)
    with drawing("search", "Objective of each trial, and the best so far", width=4.8, height=2.5) as picture:
        picture.axes.step(numbers, best, where="post", color=SERIES[0])
        picture.axes.scatter(numbers, values, 14, color=SERIES[1], alpha=0.7, linewidths=0, zorder=3)
        winner = int(np.argmax(values) if maximize else np.argmin(values))
        picture.axes.scatter(
            numbers[winner], values[winner], 60, facecolors="none", edgecolors=SERIES[0], linewidths=1.4
        )
        picture.axes.set(xlabel="Trial", ylabel="Objective")
        picture.axes.set_ylim(*_where_it_matters(values, maximize=maximize))
        picture.axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return picture.svg


def slice_of(place: int, settings: list[str], objective: list[float], *, maximize: bool) -> str:
    """Objective against one hyperparameter's value: a point a trial, the best one ringed."""
    values = np.array(objective)
    winner = int(np.argmax(values) if maximize else np.argmin(values))
    with drawing(f"slice{place}", "Objective against the hyperparameter", width=2.6, height=1.9) as picture:
        where = _positions(settings)
        if where is None:
            levels = sorted(set(settings))[:_LEVELS]
            kept = [number for number, level in enumerate(settings) if level in levels]
            at = np.array([levels.index(settings[number]) for number in kept], float)
            picture.axes.set_xticks(range(len(levels)), [level[:10] for level in levels])
            picture.axes.set_xlim(-0.5, len(levels) - 0.5)
            picture.axes.scatter(at, values[kept], 12, color=SERIES[1], alpha=0.7, linewidths=0)
        else:
            if where.min() > 0 and where.max() / where.min() > 30:
                picture.axes.set_xscale("log")
                picture.axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
                picture.axes.xaxis.set_minor_locator(NullLocator())
            picture.axes.scatter(where, values, 12, color=SERIES[1], alpha=0.7, linewidths=0)
            picture.axes.scatter(
                where[winner], values[winner], 55, facecolors="none", edgecolors=SERIES[0], linewidths=1.4
            )
        picture.axes.set_ylim(*_where_it_matters(values, maximize=maximize))
        picture.axes.tick_params(labelsize=7, colors=MUTED)
    return picture.svg


def _positions(settings: list[str]) -> Any:
    try:
        return np.array([float(word) for word in settings])
    except ValueError:
        return None


def _where_it_matters(values: Any, *, maximize: bool) -> tuple[float, float]:
    """Limits that let one hopeless trial fall off the picture instead of flattening all others."""
    low, high = float(values.min()), float(values.max())
    if len(values) > 8:
        low, high = (max(low, _fence(values, -1)), high) if maximize else (low, min(high, _fence(values, 1)))
    margin = 0.06 * (high - low) or 0.01 * abs(high) or 0.01
    return low - margin, high + margin


def _fence(values: Any, sign: int) -> float:
    first, middle, third = np.quantile(values, (0.25, 0.5, 0.75))
    return float(middle + sign * 4 * max(third - first, 1e-12))
