"""Calibration: how often an answer of a given confidence is right, as a logistic curve in the confidence's log-odds.

Platt scaling (Platt, "Probabilistic outputs for support vector machines", 1999): right = sigmoid(a + b * log-odds), a
curve for each predicted class, because a model may be sure of "no" with reason and of "yes" without. A curve is
pulled towards that of all classes together, and that one towards "the confidence is what it says" (a = 0, b = 1), each
with the weight of a normal prior: a class with eight test rows cannot have a curve of its own, one with eight hundred
can. Two parameters, because the answers may leave the confidences that the test rows had, and steps (isotonic
regression) say nothing out there.

Pure arithmetic on counts; many tables are fitted at once, which is what makes a bootstrap of fits cheap.
"""

import numpy as np
from scipy.special import expit

from jobs.performance_estimation.grid import FloatArray

IDENTITY = np.array([0.0, 1.0])
PRIOR = np.array([1.5, 0.5])
"""Standard deviations of a and b around the identity: a shift of 1.5 is what weights of 1 : 4.5 on the classes do."""
OF_A_CLASS = np.array([1.0, 0.5])
"""The same, of a class around all classes together."""
_STEPS, _ENOUGH = 60, 1e-7


def curve(parameters: FloatArray, log_odds: FloatArray) -> FloatArray:
    """Share of right answers (…, bins) for parameters (…, 2)."""
    return np.asarray(expit(parameters[..., :1] + parameters[..., 1:] * log_odds))


def fit(
    right: FloatArray,
    wrong: FloatArray,
    log_odds: FloatArray,
    draws: tuple[FloatArray, FloatArray] | None = None,
) -> FloatArray:
    """Parameters (…, classes, 2) for weights of right and wrong answers (…, classes, bins).

    `draws`: standard normal (…, 2) and (…, classes, 2) that move the priors, so that fits of resampled rows spread
    as wide as the priors where there are no rows (randomise, then optimise).
    """
    overall, single = draws if draws is not None else (np.zeros(2), np.zeros(2))
    together = _newton(right.sum(axis=-2), wrong.sum(axis=-2), log_odds, IDENTITY + PRIOR * overall, PRIOR)
    return _newton(right, wrong, log_odds, together[..., None, :] + OF_A_CLASS * single, OF_A_CLASS)


def _newton(
    right: FloatArray, wrong: FloatArray, log_odds: FloatArray, centre: FloatArray, spread: FloatArray
) -> FloatArray:
    """The most probable parameters: penalised logistic regression, which is concave, by Newton's method.

    A step beyond which the objective falls half as steeply as it rose is halved: where all confidences are extreme the
    curvature at the start says nothing about the way ahead.
    """
    rows, weight = right + wrong, 1 / spread**2
    at = np.array(np.broadcast_to(centre, (*rows.shape[:-1], 2)))
    step, rise = np.zeros_like(at), np.zeros(at.shape[:-1])
    for _ in range(_STEPS):
        share = curve(at + step, log_odds)
        residual, information = right - rows * share, rows * share * (1 - share)
        slope = np.stack([residual.sum(axis=-1), residual @ log_odds], axis=-1) - weight * (at + step - centre)
        too_far = (slope * step).sum(axis=-1) < -rise / 2
        at = np.where(too_far[..., None], at, at + step)
        one, two, three = information.sum(axis=-1), information @ log_odds, information @ log_odds**2
        newton = _solved(one + weight[0], two, three + weight[1], slope)
        step = np.where(too_far[..., None], step / 2, newton)
        rise = np.where(too_far, rise / 2, (slope * newton).sum(axis=-1))
        if np.abs(step).max() < _ENOUGH:
            break
    return at


def _solved(one: FloatArray, two: FloatArray, three: FloatArray, slope: FloatArray) -> FloatArray:
    """The solution (…, 2) of [[one, two], [two, three]] x = slope."""
    first, second = three * slope[..., 0] - two * slope[..., 1], one * slope[..., 1] - two * slope[..., 0]
    return np.asarray(np.stack([first, second], axis=-1) / (one * three - two**2)[..., None])


def log_loss(parameters: FloatArray, right: FloatArray, wrong: FloatArray, log_odds: FloatArray) -> float:
    """Mean cost of the calibrated confidence, over all counted rows."""
    share = np.clip(curve(parameters, log_odds), 1e-12, 1 - 1e-12)
    total = right.sum() + wrong.sum()
    return float(-(right * np.log(share) + wrong * np.log(1 - share)).sum() / total)
