"""One column of a file to score: the cells as the model is given them, and which of them to mark.

Two things are marked. A cell that the model's own reading refuses (no number, no date, no yes or no) leaves its row
without an answer: taken as missing it would get a confident one. A cell far from all that was learned from is
answered, and flagged: beyond the range of the numbers by a tenth of it, a word that no training row had, nothing where
there always was something.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.encoding.text import lowered, number
from jobs.evaluate.odd_cells import unreadable
from jobs.evaluate.uploaded_rows import known_words, number_cells, text_of
from jobs.profiles.profile import Reference, hash_of
from jobs.refusals import printable, shown
from jobs.schema import Column as Entry
from jobs.score.marks import Mark, Mask
from jobs.tables.notes import refusal
from jobs.tables.parts import Column
from jobs.tables.words import Words

FAR = 0.1
"""Of the range of the numbers that were learned from: what lies beyond it by less is no news."""
_NAME, _ALL = 60, "all that the model learned from"
_ENOUGH = 100
"""Training rows from which "it was never empty" says something."""


@dataclass(frozen=True)
class Read:
    """The cells of all rows of data, as text, and what is to be said of some of them."""

    cells: pa.Array
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Whole:
    """What holds for all of a column, of which only a piece is read; None where the column itself is to be asked.

    `numbers`: whether all are whole. `pointed`: whether all words are whole numbers with a point and a zero.
    """

    numbers: bool | None = None
    pointed: bool | None = None


def read_column(
    column: Column, entry: Entry, reference: Reference | None, file: str, whole: Whole | None = None
) -> Read:
    """A column that the model uses; `entry` is schema.json's, `reference` baseline.json's. Raises Refusal where it
    holds nothing of its kind. `whole` belongs to a piece of a column."""
    read = _numbers if entry["kind"] == "numeric" else _words
    return read(column, entry, reference, file, whole or Whole(), is_all=whole is None)


def _numbers(
    column: Column, entry: Entry, reference: Reference | None, file: str, whole: Whole, *, is_all: bool
) -> Read:
    name = entry["name"]
    if column.doubt is not None:
        raise refusal("score-kind-changed", f"{column.doubt.sentence}.")
    if column.numbers is None:
        words = column.as_words()
        if words.present and is_all:
            raise _other_kind(file, name, "number")
        return Read(pa.nulls(len(words.codes), pa.string()), tuple(_empty(words.codes < 0, name, reference)))
    missing = np.isnan(column.numbers)
    marks = []
    if column.words is not None:
        odd = _no_numbers(column.words, missing, entry)
        if odd.any():
            missing = missing & ~odd
            marks.append(Mark(odd, f"{_said(name)}: no number", name, unread=True))
    marks += _empty(missing, name, reference)
    marks += _beyond(column.numbers, name, reference)
    return Read(number_cells(column.numbers, whole=whole.numbers), tuple(marks))


def _no_numbers(words: Words, missing: npt.NDArray[np.bool_], entry: Entry) -> Mask:
    """The rows of words that the endpoint refuses in a column of numbers."""
    gaps = lowered(tuple(entry.get("missing_words") or ()))
    rows = (words.codes >= 0) & missing
    refused = np.zeros(len(words.words) + 1, np.bool_)
    for place in np.unique(words.codes[rows]).tolist():
        word = words.words[place].as_py()
        refused[place] = word.strip().casefold() not in gaps and not _is_number(word)
    found: Mask = rows & refused[words.codes]
    return found


def _is_number(word: str) -> bool:
    try:
        number(word)
    except ValueError:
        return False
    return True


def _words(column: Column, entry: Entry, reference: Reference | None, file: str, whole: Whole, *, is_all: bool) -> Read:
    name, kind = entry["name"], entry["kind"]
    words = column.as_words()
    odd = unreadable(words, entry)
    marks = []
    if odd.any():
        what = "date" if kind == "date" else "yes or no as in training"
        if is_all and int(words.counts[odd].sum()) == words.present:
            raise _other_kind(file, name, what)
        marks.append(Mark(np.append(odd, False)[words.codes], f"{_said(name)}: no {what}", name, unread=True))
        words = words.without(odd)
    empty = words.codes < 0
    if marks:
        empty &= ~marks[0].rows
    marks += _empty(empty, name, reference)
    cells = known_words(text_of(words), entry, pointed=whole.pointed)
    if kind == "categorical":
        marks += _unseen(cells, name, entry, reference)
    return Read(cells, tuple(marks))


def _said(name: str) -> str:
    """A name in a cell of the result: without quotation marks, which would be doubled there."""
    return printable(name if len(name) <= _NAME else f"{name[:_NAME]}…")


def _other_kind(file: str, name: str, what: str) -> Exception:
    return refusal(
        "score-kind-changed", f"{file}: column {shown(name)} holds no {what}, which the live model expects here."
    )


def _empty(missing: Mask, name: str, reference: Reference | None) -> Iterator[Mark]:
    if reference is not None and not reference.missing and reference.rows >= _ENOUGH and missing.any():
        yield Mark(missing, f"{_said(name)}: empty, which it never was in training", name)


def _beyond(numbers: npt.NDArray[np.float64], name: str, reference: Reference | None) -> Iterator[Mark]:
    if reference is None or reference.low is None or reference.high is None:
        return
    low, high = reference.low, reference.high
    far = FAR * (high - low)
    learned = f"the {low:,.6g} to {high:,.6g} that the model learned from"  # two cells of the training data
    with np.errstate(invalid="ignore"):
        sides = ((numbers > high + far, "above"), (numbers < low - far, "below"))
        for rank, (rows, where) in enumerate(sides, start=1):
            if rows.any():
                sentence, told = (f"{_said(name)}: far {where} {what}" for what in (learned, _ALL))
                yield Mark(rows, sentence, name, told=told, rank=rank)


def _unseen(cells: pa.Array, name: str, entry: Entry, reference: Reference | None) -> Iterator[Mark]:
    """Words that no training row had; where not even hashes of the rare ones were kept, nobody can tell."""
    if reference is None or not reference.is_words or reference.hashes is None:
        return
    known = {*reference.values, *(entry.get("categories") or ())}
    encoded = cells.dictionary_encode()
    new = [word not in known and hash_of(word) not in reference.hashes for word in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    rows = np.array([*new, False], np.bool_)[codes]
    if rows.any():
        yield Mark(rows, f"{_said(name)}: a word that no training row had", name, rank=1)
