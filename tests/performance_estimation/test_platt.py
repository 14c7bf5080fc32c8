"""The fit against a solver that knows nothing of it, also where every confidence is extreme."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import minimize

from jobs.performance_estimation.grid import grid, log_odds
from jobs.performance_estimation.platt import IDENTITY, OF_A_CLASS, PRIOR, curve, fit

Numbers = npt.NDArray[np.float64]
ODDS = log_odds(grid(2))


def solved(right: Numbers, wrong: Numbers, centre: Numbers, spread: Numbers) -> Numbers:
    def cost(parameters: Numbers) -> float:
        score = parameters[0] + parameters[1] * ODDS
        likelihood = right @ np.logaddexp(0, -score) + wrong @ np.logaddexp(0, score)
        return float(likelihood + 0.5 * (((parameters - centre) / spread) ** 2).sum())

    return minimize(cost, centre, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 5_000}).x


@pytest.mark.parametrize("bins", [[257], [0, 257], [130, 200, 240], list(range(129, 258)), [128]])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0])
def test_the_most_probable_parameters(bins: list[int], share: float) -> None:
    right, wrong = np.zeros((2, len(ODDS)))
    right[bins], wrong[bins] = 200 * share, 200 * (1 - share)
    found = fit(right[None], wrong[None], ODDS)[0]
    together = solved(right, wrong, IDENTITY, PRIOR)
    assert found == pytest.approx(solved(right, wrong, together, OF_A_CLASS), abs=1e-4)


def test_many_tables_are_fitted_as_each_one() -> None:
    generator = np.random.default_rng(0)
    right, wrong = generator.gamma(0.3, 20, (2, 30, 3, len(ODDS)))
    right[0], wrong[1] = 0.0, 0.0
    together = fit(right, wrong, ODDS)
    assert together.shape == (30, 3, 2)
    for place in range(30):
        assert together[place] == pytest.approx(fit(right[place], wrong[place], ODDS), abs=1e-6)


def test_without_rows_the_confidence_is_what_it_says() -> None:
    nothing = np.zeros((2, len(ODDS)))
    assert fit(nothing, nothing, ODDS) == pytest.approx(np.tile(IDENTITY, (2, 1)))
    assert curve(IDENTITY, np.array([0.0])) == pytest.approx([0.5])
