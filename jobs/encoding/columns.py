"""How one raw column becomes one or more features: what every encoding has, and those of numbers and yes/no.

An encoding is plain data with two ways in. `fill_series` takes the typed column of a training table (vectorised, codes
instead of words), `fill_texts` the cells of a request. Both end in the same arithmetic, so that a model is asked what
it was taught; a property test holds them together. Nothing is fitted here (see fitting.py) and pandas is never
imported: its objects are only asked for their arrays.

Missing stays missing (NaN) in numbers, yes/no and dates: XGBoost learns a direction for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from jobs.encoding.text import lowered, numbers, truths

Floats = npt.NDArray[np.float32]


class Encoding(Protocol):
    """One raw column's way into the matrix; `out` is the column's own slice, float32, (rows, len(features)).

    What two columns say together is `Elapsed`, in moments.py, and is filled from both.
    """

    kind: ClassVar[str]

    @property
    def column(self) -> str: ...
    @property
    def features(self) -> tuple[str, ...]: ...
    def fill_series(self, series: Any, out: Floats) -> None: ...
    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None: ...


@dataclass(frozen=True)
class Numeric:
    """The number itself. `missing_words` are missing, too: what the training rows hold where nothing was measured."""

    kind: ClassVar[str] = "numeric"
    column: str
    missing_words: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        return (self.column,)

    def fill_series(self, series: Any, out: Floats) -> None:
        _store(series.to_numpy(dtype=np.float64, na_value=np.nan), out)

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        _store(numbers(self.column, texts, lowered(self.missing_words)), out)


@dataclass(frozen=True)
class Padding:
    """Always 0: company for a lone feature (see fitting.py for why it must not stand alone)."""

    kind: ClassVar[str] = "padding"
    column: str

    @property
    def features(self) -> tuple[str, ...]:
        return (f"{self.column}=(padding)",)

    def fill_series(self, series: Any, out: Floats) -> None:  # noqa: ARG002
        out[:] = 0

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:  # noqa: ARG002
        out[:] = 0


@dataclass(frozen=True)
class Boolean:
    """1 for yes, 0 for no."""

    kind: ClassVar[str] = "boolean"
    column: str
    true_words: tuple[str, ...]
    false_words: tuple[str, ...]

    @property
    def features(self) -> tuple[str, ...]:
        return (self.column,)

    @cached_property
    def _words(self) -> dict[str, float]:
        words = dict.fromkeys((word.strip().casefold() for word in self.false_words), 0.0)
        return words | dict.fromkeys((word.strip().casefold() for word in self.true_words), 1.0)

    def fill_series(self, series: Any, out: Floats) -> None:
        _store(series.to_numpy(dtype=np.float64, na_value=np.nan), out)

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        out[:, 0] = truths(self.column, texts, self._words)


def _store(values: npt.NDArray[np.float64], out: Floats) -> None:
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # beyond float32 becomes infinite here, and missing in the next line
        out[:, 0] = values
    out[~np.isfinite(out)] = np.nan
