"""Probabilities that mean what they say: margins scaled and shifted until out-of-fold answers are as often right.

Platt scaling for two classes, one temperature and a shift a class for more; both held near "as it is" by a normal
prior, so that few rows change little. Numbers are stretched about their mean: trees that were shrunk, and the mean of
many, say too little of what is far from it, and of a few companies ten times as large as the rest that is half the
error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.ensemble.losses import Labels, Margins, log_likelihoods

Numbers = npt.NDArray[np.float64]
_SPREAD = 0.5
"""Standard deviation of the prior, of the log of the scale and of the shifts, in nats."""


@dataclass(frozen=True)
class Calibration:
    """`margin * scale + shift`."""

    scale: float
    shift: tuple[float, ...]

    def apply(self, margins: Margins) -> Margins:
        """(rows, width) to the same."""
        return np.asarray(margins * self.scale + np.array(self.shift))


def identity(width: int) -> Calibration:
    """What changes nothing."""
    return Calibration(1.0, (0.0,) * width)


def stretch(margins: Margins, labels: Labels) -> Calibration:
    """For numbers: how much further from their mean the truth lies than what was said of rows the members had not seen,
    and how far their means are apart; each as far as it is sure.

    The slope of labels on margins, whose variance takes errors as they are: large where numbers are large.
    """
    centre = float(margins[:, 0].mean())
    said, actual = margins[:, 0] - centre, labels - labels.mean()
    square = float(said @ said)
    if square == 0:
        return identity(1)
    slope = float(said @ actual) / square
    scale = 1 + _sure(slope - 1, float(np.sum((said * (actual - slope * said)) ** 2)) / square**2)
    missed = labels - centre - scale * said
    apart = _sure(float(missed.mean()), float(missed.var()) / len(missed))
    return Calibration(scale, ((1 - scale) * centre + apart,))


def _sure(found: float, variance: float) -> float:
    """What is left of a finding with this variance: nearly all where it is many deviations, nearly nothing of half."""
    return found**3 / (found**2 + variance) if found else 0.0


def calibrate(margins: Margins, labels: Labels) -> Calibration:
    """Fitted on margins for rows that the members have not seen, of classes."""
    from scipy.optimize import minimize  # slow to import, and serving fits nothing

    width = margins.shape[1]
    free = 1 if width == 1 else width - 1  # one of several shifts is free to choose

    def moved(at: Numbers) -> tuple[float, Numbers]:
        shift = at[1:] if width == 1 else np.append(at[1:], 0.0)
        return float(np.exp(at[0])), shift

    def cost(at: Numbers) -> float:
        scale, shift = moved(at)
        return float(-log_likelihoods(margins * scale + shift, labels).sum() + np.sum(at**2) / (2 * _SPREAD**2))

    found = minimize(cost, np.zeros(1 + free), method="L-BFGS-B", bounds=[(-1.5, 1.5)] + [(-2.0, 2.0)] * free)
    scale, shift = moved(found.x)
    return Calibration(scale, tuple(float(part) for part in shift))
