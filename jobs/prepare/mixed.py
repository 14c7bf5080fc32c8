"""A column of numbers with other cells among them: read as numbers with gaps, or as words. Never refused.

Codes (`12a`, `PC 17599`) are names, whatever most of them look like, and a column of names is one of words. A mark for
"not measured", however often it is written, and a censored value (`<0.05`) are gaps among measurements. Which of both a
column is, its odd cells and its numbers say together; that it was mixed is told in any case, by the caller.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.tables.conventions import slips
from jobs.tables.parts import Column
from jobs.tables.table import Series
from jobs.tables.words import Words

FEW_WORDS = 50
_FEW_MARKS = 3
_SOME = 0.1
_MOST = 0.9
_CODE = re.compile(r"^(?=[^<>≤≥~]*\d)(?=.*[^\W\d_])[^<>≤≥~]*$")
"""A cell with both figures and letters, and no sign of a censored value."""
_CENSORED = re.compile(r"^[<>≤≥~]=?\s*[-+]?[\d.,]+$")
_LONGEST_MARK = 40

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Mixture:
    """What a mixed column holds: cells that are numbers, and the odd ones by their word."""

    numeric: int
    odd: Mapping[str, int]
    distinct: int
    fractional: bool
    words_only: bool
    """Whether one of several files holds no number in this column."""

    @property
    def strays(self) -> int:
        return sum(self.odd.values())

    @property
    def share(self) -> float:
        return self.strays / (self.numeric + self.strays)


def mixture(series: Series) -> Mixture:
    """The mixture that a column of numbers with strays is."""
    numbers = series.numbers
    assert numbers is not None  # noqa: S101  only asked of columns with numbers
    odd = Counter[str]()
    for part in series.parts:
        odd.update(_odd_words(part))
    present = numbers[~np.isnan(numbers)]
    words_only = any(part.numbers is None and part.as_words().present for part in series.parts)
    fractional = bool(np.any(present != np.floor(present)))
    return Mixture(len(present), odd, series.as_words().distinct, fractional, words_only)


def is_numeric(found: Mixture) -> bool:
    """Whether the numbers are amounts, and the odd cells gaps among them."""
    if found.strays <= slips(found.numeric + found.strays):
        return True
    if found.words_only or found.numeric < found.strays:
        return False
    codes = sum(count for word, count in found.odd.items() if _CODE.match(word))
    if found.fractional:
        return 2 * codes < found.strays or (found.share <= _SOME and found.distinct > FEW_WORDS)
    if 2 * codes >= found.strays or found.distinct <= FEW_WORDS:
        return False
    censored = {word: count for word, count in found.odd.items() if _CENSORED.match(word)}
    others = Counter({word: count for word, count in found.odd.items() if word not in censored})
    usual = sum(censored.values()) + sum(count for _, count in others.most_common(_FEW_MARKS))
    return found.share <= _SOME or usual >= _MOST * found.strays


def marks(found: Mixture) -> list[str]:
    """The odd words that the endpoint takes as missing, too: not slips, but what is usual in this column."""
    if found.strays <= slips(found.numeric + found.strays):
        return []
    return usual_marks(found.odd)


def usual_marks(odd: Mapping[str, int]) -> list[str]:
    """The short words among odd ones, the most frequent of them."""
    return [word for word, _ in Counter(odd).most_common(FEW_WORDS) if len(word) <= _LONGEST_MARK]


def odd_rows(part: Column) -> Mask:
    """The rows of one file whose cell holds a word and no number."""
    present = part.as_words().codes >= 0
    return present if part.numbers is None else present & np.isnan(part.numbers)


def _odd_words(part: Column) -> dict[str, int]:
    if part.numbers is not None and not part.strays:
        return {}
    words: Words = part.as_words()
    counts = np.bincount(words.codes[odd_rows(part)], minlength=len(words.words))
    places = np.flatnonzero(counts)
    return dict(zip(words.words.take(places).to_pylist(), counts[places].tolist(), strict=True))
