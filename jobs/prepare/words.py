"""A column as its distinct words and a code per row: what a cell means is decided once per word, not once per cell.

That is what makes careful reading fast: a million cells are rarely more than a few thousand different words, and a
column that Arrow reads as numbers straight away never comes here. Words are trimmed; words for "nothing here" are
taken out, the ones that may also be a category ("none", "missing") only where the rest of the column is numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.encoding import MISSING_WORDS

MAYBE_MISSING = frozenset({"none", "missing", "nil", ".", "unknown", "n.a.", "inf", "-inf", "+inf", "infinity"})
ALWAYS_MISSING = (MISSING_WORDS - MAYBE_MISSING) | {
    "#n/a n/a", "#na", "#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "<na>", "nat",
}  # fmt: skip

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Words:
    """`codes[i]` is the place of row i's word in `words`, -1 where it is missing; `counts` are rows per word."""

    codes: Codes
    words: pa.Array
    counts: npt.NDArray[np.int64]
    taken_as_missing: tuple[str, ...] = ()

    @property
    def present(self) -> int:
        return int(self.counts.sum())

    @property
    def distinct(self) -> int:
        return int(np.count_nonzero(self.counts))

    def first_of(self, wanted: npt.NDArray[np.bool_]) -> int:
        """The first row whose word is among `wanted` (a mask over the words)."""
        lookup = np.append(wanted, False)
        return int(np.argmax(lookup[self.codes]))

    def without(self, gone: npt.NDArray[np.bool_]) -> Words:
        """The same column with some words (a mask) taken as missing."""
        if not gone.any():
            return self
        names = tuple(self.words.filter(pa.array(gone & (self.counts > 0))).to_pylist())
        lookup = np.append(np.where(gone, -1, np.arange(len(self.words))), -1).astype(np.int32)
        counts = np.where(gone, 0, self.counts)
        return Words(lookup[self.codes], self.words, counts, self.taken_as_missing + names)

    def text(self) -> pa.DictionaryArray:
        """The cells again, as a dictionary array; null where missing."""
        return pa.DictionaryArray.from_arrays(pa.array(self.codes, mask=self.codes < 0), self.words)


def to_words(column: pa.ChunkedArray) -> Words:
    """The words of a column of strings, trimmed; empty ones and those that always mean "nothing here" are missing."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    joined = encoded.unify_dictionaries().combine_chunks()
    if isinstance(joined, pa.ChunkedArray):
        joined = joined.chunk(0) if joined.num_chunks else pa.array([], pa.dictionary(pa.int32(), pa.string()))
    codes = joined.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    words = joined.dictionary
    trimmed = pc.utf8_trim_whitespace(words)
    if not trimmed.equals(words):
        merged = trimmed.dictionary_encode()
        codes = np.append(merged.indices.to_numpy(), -1).astype(np.int32)[codes]
        words = merged.dictionary
    found = Words(codes, words, np.bincount(codes + 1, minlength=len(words) + 1)[1:])
    empty = pc.equal(words, "").to_numpy(zero_copy_only=False)
    nothing = Words.without(found, empty)
    nothing = Words(nothing.codes, words, nothing.counts)
    missing = among(words, ALWAYS_MISSING) & ~empty
    if among(words, ["+"]).any():  # beside a plus, a minus is an answer
        missing &= ~among(words, ["-"])
    return nothing.without(missing)


def among(words: pa.Array, known: frozenset[str] | Sequence[str]) -> npt.NDArray[np.bool_]:
    """A mask of the words that are `known` (lower case), compared without case."""
    found = pc.is_in(pc.utf8_lower(words), value_set=pa.array(sorted(known), pa.string()))
    mask: npt.NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
    return mask


def matching(words: pa.Array, pattern: str) -> npt.NDArray[np.bool_]:
    """A mask of the words that a regular expression (RE2) matches."""
    found = pc.match_substring_regex(words, pattern).fill_null(False)  # noqa: FBT003
    mask: npt.NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
    return mask
