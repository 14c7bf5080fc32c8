"""The encoding that looks into a word: its pieces of two to four characters, weighed and reduced to a few numbers.

"Senior engineer" and "engineer II" share most of their pieces, and so most of their numbers, also where training never
saw one of them. The pieces, their weights and the table that reduces them were learned by fitting_grams.py; what is
done here is what scikit-learn's TfidfVectorizer (`char_wb`) and TruncatedSVD do when they transform, without them.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from jobs.encoding.columns import Floats
from jobs.encoding.text import composed, is_missing

SHORTEST, LONGEST = 2, 4
_AT_ONCE = 2_000
"""Words; a word has some sixty pieces, each of which takes a row of the table for a moment."""


def pieces(word: str) -> list[str]:
    """The pieces of a text that lie within its words, each of which has a blank before and behind it.

    >>> pieces("Ab c")
    [' a', 'ab', 'b ', ' ab', 'ab ', ' ab ', ' c', 'c ', ' c ']
    """
    return [piece for part in word.lower().split() for piece in _of_part(part)]


@lru_cache(maxsize=4096)  # many texts are made of few words
def _of_part(part: str) -> tuple[str, ...]:
    padded = f" {part} "
    lengths = range(SHORTEST, min(LONGEST, len(padded)) + 1)
    return tuple(padded[at : at + length] for length in lengths for at in range(len(padded) - length + 1))


def packed(values: npt.NDArray[Any]) -> str:
    """Numbers as a document holds many of them: float32, little-endian, in base64.

    >>> packed(np.array([1.0, 2.0]))
    'AACAPwAAAEA='
    """
    return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")


def unpacked(text: str) -> Floats:
    """What `packed` wrote, in one row."""
    return np.frombuffer(base64.b64decode(text), dtype="<f4").astype(np.float32)


@dataclass(frozen=True)
class NGrams:
    """Tf-idf of a word's pieces, of length one, times `components`: (pieces, `width`) by rows, as `packed` writes it.

    A missing cell is 0 in each feature, as a word is that has none of the pieces; `kept` are the words of the training
    part that would otherwise mean missing. The table is of single precision, sums are of double.
    """

    kind: ClassVar[str] = "n-grams"
    column: str
    width: int
    pieces: tuple[str, ...] = field(repr=False)
    idf: str = field(repr=False)
    components: str = field(repr=False)
    kept: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(f"{self.column}%{place}" for place in range(self.width))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {piece: place for place, piece in enumerate(self.pieces)}

    @cached_property
    def _idf(self) -> npt.NDArray[np.float64]:
        return unpacked(self.idf).astype(np.float64)

    @cached_property
    def _components(self) -> npt.NDArray[np.float64]:
        return unpacked(self.components).reshape(-1, self.width).astype(np.float64)

    def fill_series(self, series: Any, out: Floats) -> None:
        categories = series.astype("category").cat
        table = np.zeros(
            (len(categories.categories) + 1, self.width), dtype=np.float32
        )  # NaN has code -1: the last row
        self._fill([str(word) for word in categories.categories], table[:-1])
        out[:] = table[categories.codes.to_numpy()]

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        table = np.zeros((len(places), self.width), dtype=np.float32)
        self._fill(list(places), table)
        out[:] = table[[places[text] for text in texts]]

    def _fill(self, texts: Sequence[str | None], table: Floats) -> None:
        for start in range(0, len(texts), _AT_ONCE):
            self._fill_some([self._found(text) for text in texts[start : start + _AT_ONCE]], table[start:])

    def _found(self, text: str | None) -> list[int]:
        """The places of a cell's pieces; one that occurs twice is there twice."""
        if text is None:
            return []
        word = composed(text.strip())
        if is_missing(text) and word not in self.kept:
            return []
        known = self._places.get
        return [place for piece in pieces(word) if (place := known(piece)) is not None]

    def _fill_some(self, found: list[list[int]], table: Floats) -> None:
        rows = np.repeat(np.arange(len(found)), [len(one) for one in found])
        if not len(rows):
            return
        flat = np.concatenate([np.array(one, dtype=np.int64) for one in found if one])
        keys, times = np.unique(rows * len(self.pieces) + flat, return_counts=True)
        rows, places = keys // len(self.pieces), keys % len(self.pieces)
        weights = times * self._idf[places]
        lengths = np.sqrt(np.bincount(rows, weights**2))
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        parts = self._components[places]
        parts *= weights[:, None]
        sums = np.add.reduceat(parts, starts, axis=0)
        table[rows[starts]] = sums / lengths[rows[starts], None]
