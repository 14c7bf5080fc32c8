"""A column as its distinct words and a code per row: what a cell means is decided once per word, not once per cell.

That is what makes careful reading fast: a million cells are rarely more than a few thousand different words, and a
column that Arrow reads as numbers straight away never comes here. Words are trimmed; words for "nothing here" are
taken out, the ones that may also be a category ("none", "missing") only where the rest of the column is numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.encoding import MISSING_WORDS
from jobs.encoding.text import composed

MAYBE_MISSING = frozenset(
    {
        *("none", "missing", "nil", ".", "unknown", "n.a.", "inf", "-inf", "+inf", "infinity"),
        *("(blank)", "(none)", "(empty)"),
    }
)
ALWAYS_MISSING = MISSING_WORDS - MAYBE_MISSING
NOT_APPLICABLE = frozenset({"na", "n/a"})
"""Of these the ones that a target may hold as a class: Namibia, North America, "not applicable"."""

_MAY_COMPOSE = (
    r"\p{M}|[\x{0340}-\x{0387}\x{0958}-\x{0FFF}\x{1100}-\x{11FF}\x{1F71}-\x{2001}\x{2126}-\x{212B}\x{2329}\x{232A}"
    r"\x{2ADC}\x{F900}-\x{FB4E}\x{11000}-\x{1D1C0}\x{2F800}-\x{2FA1D}]"
)
"""Words with one of these can differ from their composed form; a test goes through all of Unicode."""

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Words:
    """`codes[i]` is the place of row i's word in `words`, -1 where it is missing; `counts` are rows per word.

    `with_na`: the same column with NA as a word, where NA was taken out.
    """

    codes: Codes
    words: pa.Array
    counts: npt.NDArray[np.int64]
    taken_as_missing: tuple[str, ...] = ()
    with_na: Words | None = None

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


def to_words(column: pa.ChunkedArray, *, with_plus: bool = False) -> Words:
    """The words of a column of strings, trimmed; empty ones and those that always mean "nothing here" are missing.

    `with_plus`: of a piece of a column which has a plus somewhere.
    """
    found = joined(column)
    words = found.words
    missing = among(words, ALWAYS_MISSING) & ~among(words, [""])
    if not missing.any():
        return found
    if with_plus or among(words, ["+"]).any():  # beside a plus, a minus is an answer
        missing &= ~among(words, ["-"])
    not_applicable = among(words, NOT_APPLICABLE) & (found.counts > 0)
    without = found.without(missing)
    return replace(without, with_na=found.without(missing & ~not_applicable)) if not_applicable.any() else without


def joined(column: pa.ChunkedArray) -> Words:
    """The words of a column of strings, trimmed and composed; only empty ones are missing."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    single = encoded.unify_dictionaries().combine_chunks()
    if isinstance(single, pa.ChunkedArray):
        single = single.chunk(0) if single.num_chunks else pa.array([], pa.dictionary(pa.int32(), pa.string()))
    codes = single.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    words = single.dictionary
    trimmed = pc.utf8_trim_whitespace(words)
    trimmed = _composed(trimmed)
    if not trimmed.equals(words):
        merged = trimmed.dictionary_encode()
        codes = np.append(merged.indices.to_numpy(), -1).astype(np.int32)[codes]
        words = merged.dictionary
    found = Words(codes, words, np.bincount(codes + 1, minlength=len(words) + 1)[1:])
    return replace(found.without(among(words, [""])), taken_as_missing=())


def _composed(words: pa.Array) -> pa.Array:
    """The words as `composed` writes them; only those that may change are looked at one by one (and by Python: Arrow's
    own utf8_normalize takes accents apart whatever it is asked)."""
    may_change = matching(words, _MAY_COMPOSE) if not pc.all(pc.string_is_ascii(words), min_count=0).as_py() else None
    if may_change is None or not may_change.any():
        return words
    texts = words.to_pylist()
    for place in np.flatnonzero(may_change).tolist():
        texts[place] = composed(texts[place])
    return pa.array(texts, pa.string())


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
