"""What is to be read of every row, and how: the live model's schema.json seen from the capture.

A word is brought to the form in which training knew it (outer blanks, a boolean's many spellings, the words that mean
"nothing"), exactly as `jobs.encoding` does for the model itself: a difference that the model cannot see is no drift.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.capture.batch import Floats
from jobs.encoding.text import MISSING_WORDS, UnreadableCellError, composed, is_missing, is_no_moment, lowered, numbers
from jobs.schema import Column as Entry
from jobs.schema import Schema

NUMBER, WORD, TRUTH, PRESENCE, RAW = "number", "word", "truth", "presence", "raw"
_HOW = {"numeric": NUMBER, "boolean": TRUTH, "categorical": WORD}
_LONGEST_MISSING_WORD = max(map(len, MISSING_WORDS))
_LARGEST = float(np.finfo(np.float32).max)

Word = Callable[[str], str | None]
"""A cell's canonical word; None where it is missing; KeyError where it cannot be read."""


@dataclass(frozen=True)
class Column:
    """One column to be read: `how` is number, word, truth (two words), presence (missing or not) or raw.

    `gaps`: further words that are missing in a column of numbers or dates, in lower case. `pattern`: of dates, some of
    which mean nothing."""

    name: str
    how: str
    known: frozenset[str] = frozenset()
    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    gaps: frozenset[str] = frozenset()
    pattern: str | None = None

    @cached_property
    def canonical(self) -> Word:
        return {WORD: self._word, TRUTH: self._truth, PRESENCE: self._presence, RAW: self._raw}[self.how]

    def _word(self, text: str) -> str | None:
        if text in self.known:
            return text
        stripped = composed(text.strip())
        return stripped if stripped in self.known or not is_missing(stripped) else None

    @cached_property
    def _truths(self) -> dict[str, str]:
        yes, no = (self.true or ("true",))[0], (self.false or ("false",))[0]
        words = dict.fromkeys(("false", "0", "0.0"), no) | dict.fromkeys(("true", "1", "1.0"), yes)
        words |= {word.strip().casefold(): no for word in self.false}
        return words | {word.strip().casefold(): yes for word in self.true}

    def _truth(self, text: str) -> str | None:
        word = self._truths.get(composed(text.strip()).casefold())
        if word is None and not is_missing(text):
            raise KeyError(text)
        return word

    def _presence(self, text: str) -> str | None:
        text = text.strip()
        if is_missing(text) or text.casefold() in self.gaps:
            return None
        return None if self.pattern and is_no_moment(text, self.pattern) else text

    def _raw(self, text: str) -> str | None:
        return text or None

    def from_texts(self, texts: Sequence[str | None]) -> Any:
        """Cells of a request, typed as in `Batch.columns`; `UnreadableCellError` for one that cannot be read."""
        if self.how == NUMBER:
            return numbers(self.name, texts, self.gaps)
        if self.how == RAW:
            return pa.array([text or None for text in texts], pa.string())
        words: dict[str | None, str | None] = {None: None}
        for row, text in enumerate(texts, start=1):
            if text is not None and text not in words:
                try:
                    words[text] = self.canonical(text)
                except KeyError:
                    raise UnreadableCellError(row, self.name, text, "yes or no") from None
        return pa.array([words[text] for text in texts], pa.string()).dictionary_encode()

    def from_dictionary(self, cells: Any) -> Any:
        """A pyarrow dictionary array of cells without nulls in canonical words; KeyError for one that has none."""
        words = cells.dictionary.to_pylist()
        if self.how == PRESENCE and not (self.gaps or self.pattern):
            canonical = [
                None if len(word) <= _LONGEST_MISSING_WORD and is_missing(word) else word
                for word in map(str.strip, words)
            ]
        else:
            canonical = [self.canonical(word) for word in words]
        if canonical == words:
            return cells
        places: dict[str, int] = {}
        lookup = np.array(
            [-1 if word is None else places.setdefault(word, len(places)) for word in canonical] or [-1], np.int32
        )
        indices = lookup[cells.indices.to_numpy(zero_copy_only=False)]
        return pa.DictionaryArray.from_arrays(pa.array(indices, mask=indices < 0), pa.array(list(places), pa.string()))


def finite(values: Floats) -> tuple[Floats, Any]:
    """Numbers with everything the model takes as missing as NaN, and where something else than a number stood."""
    with np.errstate(invalid="ignore"):
        outside = ~(np.abs(values) <= _LARGEST)
    if outside.any():
        values = np.where(outside, np.nan, values)
    return values, outside


@dataclass(frozen=True)
class Shape:
    """`columns`: a request's, in order; `read`: those wanted of them; `classes`: the answers', None in regression."""

    columns: tuple[str, ...]
    target: str
    read: tuple[Column, ...]
    classes: tuple[str, ...] | None

    @classmethod
    def of(cls, schema: Schema) -> Shape:
        """The columns the model uses, each typed by its kind."""
        used = [entry for entry in schema["columns"] if entry["kind"] != "target" and entry.get("used")]
        return cls._with(schema, [_column(entry) for entry in used])

    @classmethod
    def raw(cls, schema: Schema) -> Shape:
        """All columns as the caller wrote them; an empty cell is missing."""
        return cls._with(
            schema, [Column(entry["name"], RAW) for entry in schema["columns"] if entry["kind"] != "target"]
        )

    @classmethod
    def _with(cls, schema: Schema, read: list[Column]) -> Shape:
        columns = tuple(entry["name"] for entry in schema["columns"] if entry["kind"] != "target")
        classes = schema["classes"]
        return cls(columns, schema["target"], tuple(read), None if classes is None else tuple(classes))

    @cached_property
    def names_pass_for_values(self) -> bool:
        """Whether a header could be taken for a row: no column that would choke on its own name."""
        return not any(column.how == NUMBER and not _is_value(column.name) for column in self.read)


def _column(entry: Entry) -> Column:
    return Column(
        entry["name"],
        _HOW.get(entry["kind"], PRESENCE),
        frozenset(entry.get("categories") or ()),
        tuple(entry.get("true_words") or ()),
        tuple(entry.get("false_words") or ()),
        lowered(tuple(entry.get("missing_words") or ())),
        entry.get("date_format") if entry["kind"] == "date" else None,
    )


def _is_value(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return is_missing(text)
    return True
