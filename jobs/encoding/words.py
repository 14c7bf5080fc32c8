"""The encodings of words that look a word up: as a feature of its own, as a number, or as what training saw of it.

See columns.py for what an encoding is, and grams.py for the one that looks into a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from jobs.encoding.columns import Floats
from jobs.encoding.text import composed, is_missing

OTHER = "(other)"
MISSING = "(missing)"


@dataclass(frozen=True)
class Categorical:
    """What both encodings of words share: a word's place in a table, known or not.

    `places` maps a word to its row of the table, `missing` and `unknown` are the rows of an empty cell and of a word
    that the training part did not hold.
    """

    column: str
    places: dict[str, int] = field(repr=False)
    missing: int
    unknown: int

    def place(self, text: str | None) -> int:
        """The row of the table for one cell.

        >>> Categorical("plan", {"basic": 0}, missing=1, unknown=2).place(" basic ")
        0
        """
        if text is None:
            return self.missing
        found = self.places.get(text)
        if found is None:
            found = self.places.get(composed(text.strip()))
        if found is None:
            return self.missing if is_missing(text) else self.unknown
        return found

    def places_of_texts(self, texts: Sequence[str | None]) -> npt.NDArray[np.int32]:
        """One table row a cell; each word is looked up once."""
        known = {text: self.place(text) for text in dict.fromkeys(texts)}
        return np.array([known[text] for text in texts], dtype=np.int32)

    def places_of_series(self, series: Any) -> npt.NDArray[np.int32]:
        """One table row a cell of a pandas column, by its codes; NaN has code -1, which is the lookup's last entry."""
        categories = series.astype("category").cat
        lookup = [self.place(str(word)) for word in categories.categories]
        places: npt.NDArray[np.int32] = np.array([*lookup, self.missing], dtype=np.int32)[categories.codes.to_numpy()]
        return places


@dataclass(frozen=True)
class OneHot(Categorical):
    """One feature a frequent word, one for the rare ones together, one for missing (the last two if training saw any).

    A row of the table is the index of the feature that is 1; -1 is none of them.
    """

    kind: ClassVar[str] = "one-hot"
    words: tuple[str, ...]

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(f"{self.column}={word}" for word in self.words)

    def fill_series(self, series: Any, out: Floats) -> None:
        self._fill(self.places_of_series(series), out)

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        self._fill(self.places_of_texts(texts), out)

    def _fill(self, places: npt.NDArray[np.int32], out: Floats) -> None:
        for feature in range(len(self.words)):
            out[:, feature] = places == feature


@dataclass(frozen=True)
class TargetMean(Categorical):
    """The smoothed mean of the target for the word: one feature, or one a class in a multiclass problem.

    `table` has a row a word, (rows, len(outcomes)); an unknown word gets the mean over all.
    """

    kind: ClassVar[str] = "target-mean"
    outcomes: tuple[str, ...]
    table: tuple[tuple[float, ...], ...] = field(repr=False)

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(f"{self.column}~{outcome}" for outcome in self.outcomes)

    @cached_property
    def _table(self) -> Floats:
        return np.array(self.table, dtype=np.float32)

    def fill_series(self, series: Any, out: Floats) -> None:
        out[:] = self._table[self.places_of_series(series)]

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        out[:] = self._table[self.places_of_texts(texts)]


@dataclass(frozen=True)
class Frequency(Categorical):
    """How often the training rows had the word: the natural logarithm of one more than that, so 0 for an unknown one.

    `counts` has a row a place, the missing cells' and the unknown words' among them.
    """

    kind: ClassVar[str] = "frequency"
    counts: tuple[int, ...] = field(repr=False)

    @property
    def features(self) -> tuple[str, ...]:
        return (f"{self.column}#",)

    @cached_property
    def _logarithms(self) -> Floats:
        return np.log1p(np.array(self.counts, dtype=np.float64)).astype(np.float32)

    def fill_series(self, series: Any, out: Floats) -> None:
        out[:, 0] = self._logarithms[self.places_of_series(series)]

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        out[:, 0] = self._logarithms[self.places_of_texts(texts)]


@dataclass(frozen=True)
class Codes(Categorical):
    """The word's own place, 0 the most frequent one, for trees that cut an order; missing is NaN.

    An unknown word stands behind the rarest, which it is most like: training has none of them to learn from.
    """

    kind: ClassVar[str] = "codes"

    @property
    def features(self) -> tuple[str, ...]:
        return (f"{self.column}@",)

    def fill_series(self, series: Any, out: Floats) -> None:
        self._fill(self.places_of_series(series), out)

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        self._fill(self.places_of_texts(texts), out)

    def _fill(self, places: npt.NDArray[np.int32], out: Floats) -> None:
        out[:, 0] = places
        out[places == self.missing] = np.nan
        out[places == self.unknown] = len(self.places)
