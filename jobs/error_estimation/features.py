"""What the size of an error is learned from: a row's numbers and words as they are captured, and what was answered.

Raw columns and not the model's own features, because a check has the request and the answer and no encoder: so the
same few lines serve every algorithm. Numbers are taken as they are, the frequent words of a column (and a boolean's)
as their places, which trees split into groups. Dates and texts are left out: time moves on by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.documents.answers import ErrorFeature

Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float32]

MOST_WORDS, FEWEST_ROWS = 60, 10
"""Words of a column that are told apart, and rows that one of them needs for it."""
MOST_COLUMNS = 300
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Feature:
    """A column: `words` in their order, None of numbers. A word that is none of them has the place behind the last."""

    name: str
    words: tuple[str, ...] | None

    def values(self, cells: Any) -> Floats:
        """(rows,): NaN where missing. `cells`: numbers, or words as an Arrow array."""
        if self.words is None:
            return np.asarray(cells, np.float64)
        words = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
        if not isinstance(words, pa.DictionaryArray):
            words = words.cast(pa.string()).dictionary_encode()
        known = pc.index_in(words.dictionary.cast(pa.string()), pa.array(self.words, pa.string()))
        places = np.append(np.asarray(pc.fill_null(known, len(self.words)), np.float64), np.nan)
        found: Floats = places[np.asarray(pc.fill_null(words.indices, len(words.dictionary)))]
        return found


@dataclass(frozen=True)
class Features:
    """All columns, in order; the answer stands behind them."""

    columns: tuple[Feature, ...]

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> Features:
        """Of the columns that are learned from, by name: numbers (rows,), or words as an Arrow array."""
        chosen = list(columns.items())[:MOST_COLUMNS]
        return cls(tuple(Feature(name, _frequent(cells)) for name, cells in chosen))

    @classmethod
    def read(cls, document: Sequence[ErrorFeature]) -> Features:
        """What `to_document` wrote."""
        return cls(
            tuple(Feature(one["name"], None if one["words"] is None else tuple(one["words"])) for one in document)
        )

    def to_document(self) -> list[ErrorFeature]:
        """As answers.json holds them."""
        return [{"name": one.name, "words": None if one.words is None else list(one.words)} for one in self.columns]

    @property
    def types(self) -> list[str]:
        """What XGBoost is told of each feature: `q` a number, `c` a word's place."""
        return [*("q" if one.words is None else "c" for one in self.columns), "q"]

    def matrix(self, columns: Mapping[str, Any], predicted: Floats) -> Matrix:
        """(rows, features); NaN where missing, and of a column that is not there."""
        found = np.full((len(predicted), len(self.columns) + 1), np.nan, np.float32)
        for place, one in enumerate(self.columns):
            if one.name in columns:
                found[:, place] = np.clip(one.values(columns[one.name]), -_LARGEST, _LARGEST)
        found[:, -1] = np.clip(predicted, -_LARGEST, _LARGEST)
        return found


def _frequent(cells: Any) -> tuple[str, ...] | None:
    """The words that are told apart, most frequent first."""
    if isinstance(cells, np.ndarray):
        return None
    counted = pc.value_counts(cells.cast(pa.string()) if not isinstance(cells, pa.DictionaryArray) else cells)
    pairs = [(one["values"], one["counts"]) for one in counted.to_pylist() if one["values"] is not None]
    enough = [(word, count) for word, count in pairs if count >= FEWEST_ROWS]
    return tuple(word for word, _ in sorted(enough, key=lambda pair: (-pair[1], pair[0]))[:MOST_WORDS])
