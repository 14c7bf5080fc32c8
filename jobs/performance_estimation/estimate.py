"""The "estimate" of drift.json: how well the model probably answered the rows of a check, and what it lost.

Confidence-based estimation, the idea that NannyML made known (CBPE): where a confidence of 0.8 means that 80 % of such
answers are right, the answers alone say how good they are. Here:

* The difference to promotion is taken between two estimates made in the same way, one on the traffic and one on the
  held-out rows, and laid on what was really measured there. A flaw of the calibration that both have in common cancels
  out, and without a change of the answers the difference is 0, not the calibration's error.
* The interval holds three uncertainties. Of the held-out rows and of the calibration made from them: both are redrawn
  (Bayesian bootstrap, Rubin 1981, with half a right and half a wrong answer added to each class, so that 100 right ones
  of 100 are not certainty). Of the window: outcomes are drawn for its rows. So it is an interval for the value that
  labels of exactly these rows would show. Rows that hang together are wrong together: what either adds is wider by
  the root of its design effect. The held-out rows' is that of being right (jobs/profiles/blocks.py); the window's is
  the same or that of its answers (jobs/drift/dependence.py), whichever is larger.
* Where too few held-out rows are of the class that a metric is about (`jobs.metrics.few_rows`), it has no interval, and
  a loss of it is never certain.
* A loss is "certain" when it is larger than `max_loss` allows and a loss with all of its 99 % interval; "possible"
  when   it is larger. 99 and not the 95 % that are shown, because an unlucky test set is there at every check: of a
  hundred models   that lose nothing, two or three would be called certain to lose for as long as they live.

What it cannot see is concept drift: the same inputs, the same confidence, another truth. That needs labels, and every
sentence says so. Numbers that a regression answers carry no confidence: there the expected sizes of errors stand in for
it (jobs/error_estimation), and the rest is the same.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np

from jobs import error_estimation
from jobs.documents.answers import Answers, Calibration
from jobs.documents.drift import Estimate
from jobs.documents.metrics import Estimated
from jobs.metrics.catalogue import CATALOGUE
from jobs.metrics.few_rows import Rows
from jobs.metrics.max_loss import AMOUNT, allowed
from jobs.performance_estimation import words
from jobs.performance_estimation.calibration import HeldOut
from jobs.performance_estimation.counts import AnswerCounts
from jobs.performance_estimation.grid import FloatArray, IntArray
from jobs.performance_estimation.outcomes import areas, matrices, spread
from jobs.performance_estimation.platt import IDENTITY, curve, fit
from jobs.performance_estimation.rates import rates
from jobs.settings import MONITORING, MonitoringSettings

METHOD, OF_ERRORS = "confidence-based", "error-size"
FEWEST_HELD_OUT = 100
ESTIMATED = {
    "binary": (
        *("accuracy", "balanced_accuracy", "precision", "recall", "f1", "auc", "mcc"),
        *("precision_macro", "recall_macro", "f1_macro"),
    ),
    "multiclass": (
        *("accuracy", "balanced_accuracy", "precision_macro", "recall_macro", "f1_macro", "mcc"),
        *("precision_weighted", "recall_weighted", "f1_weighted"),
    ),
    "regression": error_estimation.NAMES,
}
_SURE = 2.576 / 1.96  # from half of a 95 % interval to half of a 99 % one
_SEED, _MOST_DRAWS, _FEWEST_DRAWS, _WORK = 0, 400, 100, 4_000_000


@dataclass(frozen=True)
class _Model:
    """What stays the same through an estimate."""

    held: HeldOut
    metrics: tuple[str, ...]
    positive: int | None  # of two classes

    def values(self, right: FloatArray, rows: FloatArray, shares: FloatArray) -> FloatArray:
        """The metrics (draws, metrics) of cells (draws, classes, bins)."""
        found = rates(matrices(right, rows, shares), self.positive)
        if self.positive is not None:
            found["auc"] = areas(right, rows, self.positive)
        return np.stack([found[name] for name in self.metrics], axis=-1)


@dataclass(frozen=True)
class _Draws:
    """The held-out rows, redrawn: `right`, `wrong` (draws, classes, bins), `confused`, and the calibrated `share`."""

    right: FloatArray
    wrong: FloatArray
    confused: FloatArray
    share: FloatArray


def estimate(
    answers: Answers,
    counts: AnswerCounts,
    settings: MonitoringSettings,
    meant: str = AMOUNT,
    effect: float = 1.0,
) -> Estimate:
    """The "estimate" block of drift.json, from answers.json, the traffic's answers and their design `effect`, and
    relay.yaml's "monitoring", whose max_loss is `meant` as a share or an amount.

    Where nothing can be estimated, or not the deciding metric, `loss` is None and `undefined` says why.
    """
    task = str(answers["task"])
    metric, max_loss = CATALOGUE.deciding(settings, task), float(settings.get("max_loss", MONITORING["max_loss"]))
    of_numbers = task == "regression"
    metrics, why = _of_numbers(answers, counts, effect) if of_numbers else _of_classes(answers, counts, effect)
    deciding = metrics.get(metric)
    loss, lost = None, None
    if deciding is None:
        made_of = "the sizes of errors" if of_numbers else "the model's confidence"
        sentence = why or words.not_estimable(metric, ESTIMATED[task], made_of)
    else:
        assumption = words.OF_ERRORS if of_numbers else words.ASSUMPTION
        limit = allowed(max_loss, meant, CATALOGUE[metric], deciding["at_promotion"])
        loss = loss_of(metric, deciding, limit.amount)
        if metric == "r2" and loss == "none" and loss_of("mae", metrics["mae"], 0.0) == "certain":
            assumption = f"{words.larger_all_the_same(metrics['mae'])} {assumption}"
        sentence = words.sentence(metric, deciding, loss, limit, assumption)
        lost = lost_of(metric, deciding)
    found: Estimate = {
        "method": OF_ERRORS if of_numbers else METHOD,
        "loss": loss,
        "metric": metric,
        "catalogue": CATALOGUE.told(task),
        "metrics": metrics,
        "sentence": sentence,
        "undefined": sentence if loss is None else None,
    }
    if lost is not None:
        found["lost"] = {"amount": lost, "allowed": limit.amount}
    return found


_Found = tuple[dict[str, Estimated], str | None]
"""The metrics, or why there are none."""


def _of_classes(answers: Answers, counts: AnswerCounts, effect: float) -> _Found:
    calibration = answers.get("calibration")
    if not calibration:
        return {}, words.NO_CALIBRATION
    if calibration["rows"] < FEWEST_HELD_OUT:
        return {}, words.few_held_out(calibration["rows"], FEWEST_HELD_OUT)
    if not counts.rows:
        return {}, words.no_answers(counts.unusable)
    return _metrics(answers, calibration, counts, effect), None


def _of_numbers(answers: Answers, counts: AnswerCounts, effect: float) -> _Found:
    errors = answers.get("errors")
    if not errors:
        return {}, words.NO_ERRORS
    if counts.errors is None or not counts.errors.rows:
        return {}, words.NO_NUMBERS
    found = error_estimation.changes(errors, counts.errors, effect)
    return {
        name: words.block(one.then, one.difference, one.noise, one.estimated_noise, name) for name, one in found.items()
    }, None


def loss_of(metric: str, deciding: Estimated, max_loss: float) -> str | None:
    """What the block of this metric means where a loss of `max_loss` is allowed; None where it is not defined."""
    sign, better = (1, "difference_low") if CATALOGUE[metric].smaller_is_better else (-1, "difference_high")
    difference, end = deciding["difference"], cast("float | None", deciding.get(better))
    if difference is None:
        return None
    if sign * difference <= max_loss:
        return "none"
    if end is None:
        return "possible"
    return "certain" if sign * (difference + _SURE * (end - difference)) > 0 else "possible"


def lost_of(metric: str, deciding: Estimated) -> float | None:
    """How much worse it is, positive when worse; None where that is not defined."""
    difference = deciding["difference"]
    return None if difference is None else difference if CATALOGUE[metric].smaller_is_better else -difference


def _metrics(answers: Answers, calibration: Calibration, counts: AnswerCounts, effect: float) -> dict[str, Estimated]:
    """Every metric's block: exact expectations first, then the draws around them."""
    classes, names = answers["classes"] or [], ESTIMATED[answers["task"]]
    positive = classes.index(answers["positive_class"] or "") if answers["task"] == "binary" else None
    whole = HeldOut.read(calibration, len(classes))
    used = whole.right.any(axis=0) | whole.wrong.any(axis=0) | counts.confident.any(axis=0)
    held, confident = whole.within(used), counts.confident[:, used].astype(float)
    model, generator = _Model(held, names, positive), np.random.default_rng(_SEED)
    exact = _as_it_is(held)
    drawn = _redrawn(held, generator)
    now, then = _expected(model, confident, counts.mass, exact), _at_promotion(model, exact)
    drawn_now, drawn_then = _expected(model, confident, counts.mass, drawn), _at_promotion(model, drawn)
    hits = generator.binomial(counts.confident[:, used], drawn.share).astype(float)
    shares = spread(counts.mass, held.mass, drawn.confused)
    rows = np.broadcast_to(confident, hits.shape)
    simulated = model.values(hits, rows, _drawn_spread(shares, rows - hits, generator))
    measured = model.values(drawn.right, drawn.right + drawn.wrong, _real_spread(drawn.confused))
    difference, of_held, of_window = (now - then)[0], held.effect**0.5, max(effect, held.effect) ** 0.5
    noise = of_held * (drawn_now - drawn_then - (now - then)) + of_window * (simulated - drawn_now)
    estimated_noise = noise + of_held * (measured - _measured(model))
    there = Rows.of(held.matrix, positive)
    blocks = {
        name: words.block(held.realized.get(name), difference[place], noise[:, place], estimated_noise[:, place], name)
        for place, name in enumerate(names)
    }
    return {name: words.unless_few(block, there.too_few(name), classes) for name, block in blocks.items()}


def _as_it_is(held: HeldOut) -> _Draws:
    """The held-out rows themselves, as a single draw."""
    right, wrong = held.right[None].astype(float), held.wrong[None].astype(float)
    parameters = IDENTITY if held.method == "identity" else fit(right, wrong, held.log_odds)
    share = np.broadcast_to(curve(parameters, held.log_odds), right.shape)
    return _Draws(right, wrong, held.confused[None].astype(float), share)


def _redrawn(held: HeldOut, generator: np.random.Generator) -> _Draws:
    """Rows with random weights, calibrated anew. Where the confidence is taken as it is, that this is right was
    learnt from the same rows: the curves then spread around it as fitted ones would.
    """
    classes, bins = held.right.shape
    count = int(np.clip(_WORK // (classes * max(classes, bins)), _FEWEST_DRAWS, _MOST_DRAWS))
    seen = (held.right + held.wrong).astype(float)
    doubt = 0.5 * seen / np.maximum(seen.sum(axis=1, keepdims=True), 1.0)
    right = generator.gamma(held.right + doubt, size=(count, classes, bins))
    wrong = generator.gamma(held.wrong + doubt, size=(count, classes, bins))
    confused = generator.gamma(held.confused, size=(count, classes, classes))
    moved = generator.normal(size=(count, 2)), generator.normal(size=(count, classes, 2))
    parameters = fit(right, wrong, held.log_odds, moved)
    if held.method == "identity":
        parameters += IDENTITY - fit(held.right.astype(float), held.wrong.astype(float), held.log_odds)
    return _Draws(right, wrong, confused, np.clip(curve(parameters, held.log_odds), 0.0, 1.0))


def _expected(model: _Model, confident: FloatArray, mass: IntArray, drawn: _Draws) -> FloatArray:
    """Metrics (draws, metrics) that the calibration foretells for rows by cell."""
    rows = np.broadcast_to(confident, drawn.share.shape)
    return model.values(rows * drawn.share, rows, spread(mass, model.held.mass, drawn.confused))


def _at_promotion(model: _Model, drawn: _Draws) -> FloatArray:
    """What the same method foretells for the held-out rows it was calibrated on."""
    return _expected(model, drawn.right + drawn.wrong, model.held.mass, drawn)


def _measured(model: _Model) -> FloatArray:
    exact = _as_it_is(model.held)
    return model.values(exact.right, exact.right + exact.wrong, _real_spread(exact.confused))


def _real_spread(confused: FloatArray) -> FloatArray:
    total = confused.sum(axis=-1, keepdims=True)
    others = 1.0 - np.eye(confused.shape[-1])
    return np.asarray(np.where(total > 0, confused / np.maximum(total, 1e-300), others / max(others[0].sum(), 1.0)))


def _drawn_spread(shares: FloatArray, misses: FloatArray, generator: np.random.Generator) -> FloatArray:
    """The classes that wrong answers fall on, drawn as often as there are wrong answers."""
    wrong = misses.sum(axis=-1).astype(np.int64)
    drawn = generator.multinomial(wrong, shares).astype(float)
    return _real_spread(drawn)
