"""From expected sizes to metrics: what labels of the window's rows would probably show, as ratios to promotion.

The held-out rows say what an expected size is worth (curve.py). So the sizes of two sets of rows give the ratio of
their errors, and what was really measured at promotion, times that ratio, is the estimate: a flaw that both have in
common cancels out, and without a change of the rows the ratio is 1.

The draws hold three uncertainties: the held-out rows are redrawn (Bayesian bootstrap) with the curve made of them; the
window's errors are drawn for its rows, which are drawn, too; and the ratio is moved by as much as the five models
differ about it, as the jackknife says that leaves out a fifth of the rows. Of rows that hang together the first two are
wider by the root of their design effect (jobs/profiles/blocks.py).

R2 needs how far apart the actual values lie, which nobody knows before they come: it is taken as the answers' own
spread, times what that was worth on the held-out rows, and the errors' around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.documents.answers import Errors
from jobs.error_estimation.counts import ErrorCounts
from jobs.error_estimation.curve import Curve, metrics
from jobs.error_estimation.grid import BINS, MIDDLES, FloatArray
from jobs.error_estimation.model import FOLDS

NAMES = ("mae", "rmse", "median_absolute_error", "r2")
DRAWS = 400
_SEED = 0
Values = dict[str, FloatArray]


@dataclass(frozen=True)
class Change:
    """One metric: `then` as measured at promotion, the `difference` to now, and what the draws (DRAWS,) add to the
    difference and to the value now. NaN where the window's rows do not define it."""

    then: float | None
    difference: float
    noise: FloatArray
    estimated_noise: FloatArray


@dataclass(frozen=True)
class _Rows:
    """Held-out rows and the window's by expected size: `table` (sizes, BINS) by the error, too; `levels` and `now`
    (FOLDS, sizes) by each of the models."""

    sizes: FloatArray
    table: FloatArray
    levels: FloatArray
    now: FloatArray

    @classmethod
    def of(cls, errors: Errors, counts: ErrorCounts) -> _Rows:
        table, levels = np.zeros((BINS, BINS)), np.zeros((FOLDS, BINS))
        for size, error, rows in errors["table"]:
            table[size, error] = rows / errors["copies"]
        for model, size, rows in errors["levels"]:
            levels[model, size] = rows
        used = (table.sum(axis=1) > 0) | levels.any(axis=0) | counts.levels.any(axis=0)
        return cls(MIDDLES[used], table[used], levels[:, used], counts.levels[:, used].astype(float))


def changes(errors: Errors, counts: ErrorCounts, effect: float = 1.0) -> dict[str, Change]:
    """By metric, in the order of NAMES. `effect`: the design effect of the window's answers."""
    held_effect = errors.get("effect", 1.0)
    effect = max(effect, held_effect)
    generator = np.random.default_rng(_SEED)
    rows = _Rows.of(errors, counts)
    exact = Curve.of(rows.table[None], rows.sizes)
    tables = generator.gamma(rows.table, size=(DRAWS, *rows.table.shape))
    curves = Curve.of(tables, rows.sizes, generator.normal(size=DRAWS))
    now = rows.now.mean(axis=0)
    before, after = _expected(exact, rows.table.sum(axis=1)[None]), _expected(exact, now[None])
    errors_now = generator.poisson(now[:, None] * curves.around[:, None, :]).astype(float)
    simulated, foretold = metrics(errors_now, curves.means, curves.logs), _expected(curves, tables.sum(axis=2))
    expected = _expected(curves, np.broadcast_to(now, (DRAWS, len(now))))
    measured, known = _measured(tables), _measured(rows.table[None])
    doubt = _doubt(exact, rows)
    found: dict[str, Change] = {}
    ratios: dict[str, _Ratio] = {}
    for name in before:
        moved = np.exp(doubt[name] * generator.standard_t(FOLDS - 1, DRAWS))
        value = float(after[name][0] / before[name][0])
        of_held = (expected[name] / foretold[name] / value) ** held_effect**0.5
        of_window = (simulated[name] / expected[name]) ** effect**0.5
        one = _Ratio(value, value * of_held * of_window * moved, (measured[name] / known[name]) ** held_effect**0.5)
        ratios[name], then = one, errors["realized"].get(name)
        found[name] = one.of(then)
    return {**found, "r2": _r2(errors, counts.variance, counts.rows / effect, ratios["rmse"], generator)}


@dataclass(frozen=True)
class _Ratio:
    """Now to promotion: `value`; the same by draw (DRAWS,); and the redrawn held-out rows to the real ones."""

    value: float
    drawn: FloatArray
    redrawn: FloatArray

    def of(self, then: float | None) -> Change:
        size = np.nan if then is None else then
        return Change(
            then,
            size * (self.value - 1),
            size * (self.drawn - self.value),
            size * (self.redrawn * self.drawn - self.value),
        )


def _expected(curve: Curve, levels: FloatArray) -> Values:
    """Of rows by expected size (draws, sizes)."""
    return metrics(levels[:, :, None] * curve.around[:, None, :], curve.means, curve.logs)


def _measured(tables: FloatArray) -> Values:
    """Of the errors themselves."""
    return metrics(tables.sum(axis=1, keepdims=True), np.zeros((len(tables), 1)), MIDDLES)


def _doubt(curve: Curve, rows: _Rows) -> dict[str, float]:
    """By metric the standard error of the ratio's logarithm that comes from which rows the sizes were learned from."""
    same = curve.repeated(FOLDS)
    then, now = _expected(same, rows.levels), _expected(same, rows.now)
    return {name: float(np.std(np.log(now[name] / then[name])) * (FOLDS - 1) ** 0.5) for name in then}


def _r2(errors: Errors, variance: float, rows: float, rmse: _Ratio, generator: np.random.Generator) -> Change:
    """`variance` of the answers, and as how many `rows` these count. Not defined where the held-out answers explained
    nothing: there is no spread to go by."""
    then, root, spread = errors["realized"].get("r2"), errors["realized"].get("rmse"), errors["spread"]
    if then is None or not root or spread["predicted"] <= 0 or spread["actual"] <= root**2:
        nothing = np.full(DRAWS, np.nan)
        return Change(then, float("nan"), nothing, nothing)
    square, rows, held = root**2, max(rows, 1.0), errors["rows"] / errors.get("effect", 1.0)
    explained, wider = spread["actual"] - square, variance / spread["predicted"]
    now = float(_share(explained * wider, square * rmse.value**2))
    chance, left = generator.normal(size=(3, DRAWS)), square * rmse.drawn**2
    there = np.maximum(explained + 2 * np.sqrt(explained * square / held) * chance[0], 0.0)
    here = there * wider
    here = np.maximum(here + 2 * np.sqrt(here * left / rows) * chance[1], 0.0)
    tails = max(spread["kurtosis"] - 1.0, 1.0)
    other_rows = np.exp(np.sqrt(tails * (1 / rows + 1 / held)) * chance[2])
    then_drawn = _share(there, np.full(DRAWS, square))
    return Change(
        then,
        now - then,
        (_share(here * other_rows, left) - then_drawn) - (now - then),
        _share(here, left * rmse.redrawn**2) - now,
    )


def _share(spread: FloatArray | float, square: FloatArray | float) -> FloatArray:
    """What is explained, of all."""
    return np.asarray(spread / (spread + square))
