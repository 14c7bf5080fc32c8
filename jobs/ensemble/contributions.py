"""What the columns of a row add to its answer: SHAP values, so that what all rows have in common (`base`) and the
columns' parts are the answer together.

Trees are explained by XGBoost itself: of every order in which the columns could become known, the mean of what each
then changes, where a column not known goes both ways of a cut, as often as the training's rows did. A linear function
is explained exactly: its weight times how far the column is from its mean. Members are weighed as they are in the
answer, and calibration, an affine function, stretches the parts as it stretches the whole. So the sum is exact, in the
space in which answers are added up: log-odds, one number a class, or the number itself.

Not exact is what trees of a logarithm say: XGBoost tells the parts of the logarithm, and of its exponential each gets
the same share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from jobs.encoding.columns import Floats
from jobs.ensemble.linear import Line, Scaling
from jobs.ensemble.losses import Margins

Numbers = npt.NDArray[np.float64]
_ROUNDING = 1e-3
"""Of all parts together: XGBoost adds in single precision, and more than this is no rounding."""


@dataclass(frozen=True)
class Contributions:
    """`base` (width,), the same for every row, and `parts` (rows, width, columns or features)."""

    base: Numbers
    parts: Numbers

    def plus(self, other: Contributions) -> Contributions:
        """Of a sum of both."""
        return Contributions(self.base + other.base, self.parts + other.parts)

    def stretched(self, scale: float, shift: Numbers | float) -> Contributions:
        """Of `answer * scale + shift`."""
        return Contributions(self.base * scale + shift, self.parts * scale)

    def told(self, answers: Margins) -> Contributions:
        """The same, adding up to the answers (rows, width) to the last digit: what single precision lost is shared out
        among the parts by their size. Raises ArithmeticError where it is more than that."""
        sizes = np.abs(self.parts)
        whole = sizes.sum(axis=2)
        left = answers - self.base - self.parts.sum(axis=2)
        if not np.all(np.abs(left) <= _ROUNDING * (1 + np.abs(self.base) + whole)):
            raise ArithmeticError("the parts of an answer are not the answer")
        shares = np.divide(sizes, whole[:, :, None], out=np.zeros_like(sizes), where=whole[:, :, None] > 0)
        return replace(self, parts=self.parts + left[:, :, None] * shares)

    def by_column(self, made_of: Sequence[tuple[str, ...]], columns: Sequence[str]) -> Contributions:
        """Of features those of the columns that each is made of, in equal shares of those made of two."""
        places = {name: place for place, name in enumerate(columns)}
        shares = np.zeros((len(made_of), len(columns)))
        for feature, names in enumerate(made_of):
            for name in names:
                shares[feature, places[name]] = 1 / len(names)
        return replace(self, parts=self.parts @ shares)


def nothing(rows: int, base: Numbers, features: int) -> Contributions:
    """Of an answer that no column has a part in."""
    return Contributions(base, np.zeros((rows, len(base), features)))


def of_trees(booster: xgb.Booster, matrix: Floats, exponentials: Numbers) -> Contributions:
    """Of a merged booster; the last of its margins are logarithms with these factors."""
    data = xgb.DMatrix(matrix, nthread=1)
    said = booster.predict(data, pred_contribs=True, validate_features=False, strict_shape=True).astype(np.float64)
    parts, base = said[:, :, :-1], said[0, :, -1]
    wide = parts.shape[1] - len(exponentials)
    found = Contributions(base[:wide], parts[:, :wide])
    for place, factor in enumerate(exponentials, wide):
        found = found.plus(_of_exponential(float(base[place]), parts[:, place], float(factor)))
    return found


def _of_exponential(base: float, parts: Numbers, factor: float) -> Contributions:
    """Of `factor * (exp(base + all parts) - 1)`: the parts grow by the same factor, until they are the difference."""
    whole = parts.sum(axis=1)
    growth = np.divide(np.expm1(whole), whole, out=np.ones_like(whole), where=whole != 0)
    grown = factor * np.exp(base) * growth[:, None] * parts
    return Contributions(np.array([factor * np.expm1(base)]), grown[:, None, :])


def of_line(
    line: Line, scaling: Scaling, matrix: Floats, columns: npt.NDArray[np.int64], features: int
) -> Contributions:
    """Of a linear function of some `columns` of the matrix, which has so many `features`."""
    means = scaling.means
    parts = (scaling.apply(matrix[:, columns]) - means)[:, None, :] * line.coefficients
    found = np.zeros((len(matrix), len(line.intercept), features))
    found[:, :, columns] = parts[:, :, : len(columns)]
    found[:, :, columns[list(scaling.spread_out)]] += parts[:, :, len(columns) :]
    return Contributions(line.intercept + line.coefficients @ means, found)
