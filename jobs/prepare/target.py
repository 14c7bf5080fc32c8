"""What is to be predicted: the target's task, the classes and which of them is the positive one.

Classes stay the user's own words; numbers that name classes are written without a needless ".0", so that files that
say 1 and files that say 1.0 mean the same. In a binary task the positive class has label 1.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.encoding.mask import mask, masks
from jobs.prepare.amounts import CLASSES_AT_MOST, RARE_SHARE, ROWS_PER_CLASS, are_amounts
from jobs.prepare.truths import FALSE_WORDS, TRUE_WORDS
from jobs.refusals import counted, listed, shown
from jobs.schema import Schema
from jobs.settings import TASK, Settings
from jobs.tables.not_applicable import with_na_as_class
from jobs.tables.notes import Notes, refusal
from jobs.tables.table import Series, Table
from jobs.tables.words import Words

POSITIVE_WORDS = (
    "1", "yes", "true", "y", "t", "positive", "pos", "ja", "oui", "si", "sí", "wahr", "vrai", "+", "churned", "fraud",
)  # fmt: skip
CLASS_LIMIT = 200
CLASSES_LIMIT = 50_000
"""Bytes of all classes together, as JSON: records and mails name them, and DynamoDB and SNS take only so much."""
ROWS_AT_LEAST = 50
_NEAR_UNIQUE = 0.5
_EXACT_INTEGER = 2.0**53

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Target:
    """`labels`: a class index (or, for regression, the number) a row as float64; NaN where there is no label."""

    name: str
    task: str
    labels: Floats
    classes: tuple[str, ...] | None
    positive_class: str | None
    counts: tuple[int, ...] | None

    @property
    def labelled(self) -> npt.NDArray[np.bool_]:
        return ~np.isnan(self.labels)


@dataclass(frozen=True)
class _Classes:
    """Classes as found: index a row (-1 none), a word and a count a class."""

    codes: Codes
    words: tuple[str, ...]
    counts: tuple[int, ...]


def read_target(series: Series, table: Table, settings: Settings, notes: Notes, live: Schema | None = None) -> Target:
    """Task and labels; `live`: the schema of the live model, which the task follows where none is set.

    Raises Refusal for a target that nothing can be learned about.
    """
    wanted = settings.get("task") or TASK
    file = table.files[0].file if len(table.files) == 1 else "All files"
    where = f"{file}: the target column {shown(series.name)}"
    series = with_na_as_class(series, table, settings.get("na_in_target"), notes, live)
    if series.unusable:
        raise refusal("target-no-values", f"{where} holds {series.unusable}, no plain values.")
    if series.doubt is not None:
        raise refusal("target-in-doubt", f"{series.doubt.sentence}; it is the target.")
    if are_amounts(series, wanted, live, notes):
        return _regression(series, where, notes)
    found = _without_rare(_classes(series, where, notes), where, table, notes)
    _check_classes(found, wanted, where, table)
    binary = len(found.words) == 2
    order, positive = _ordered(found, settings.get("positive_class"), where) if binary else (_sorted(found), None)
    if not binary and settings.get("positive_class"):
        raise refusal("unknown-positive-class", f"{where} has {len(found.words)} classes: none of them is positive.")
    labels = np.append(np.argsort(order).astype(np.float64), np.nan)[found.codes]
    return Target(
        series.name,
        "binary" if binary else "multiclass",
        labels,
        tuple(found.words[i] for i in order),
        positive,
        tuple(found.counts[i] for i in order),
    )


def _regression(series: Series, where: str, notes: Notes) -> Target:
    if series.numbers is None or series.strays:
        if not series.as_words().present:
            raise refusal("no-labels", f"{where} holds no value in any row.")
        stray = series.strays[0] if series.strays else None
        example = f"row {stray.row:,} is a cell like {mask(stray.word)}" if stray else f"it holds {_some_words(series)}"
        raise refusal("target-not-numeric", f"{where} should hold numbers, but {example}.")
    numbers = series.numbers
    present = int(np.count_nonzero(~np.isnan(numbers)))
    _check_labels(present, len(numbers), where, notes)
    if float(np.nanmin(numbers)) == float(np.nanmax(numbers)):
        raise refusal("constant-target", f"{where} holds only {np.nanmin(numbers):g} in all {present:,} rows.")
    _check_rows(present, where)
    return Target(series.name, "regression", numbers, None, None, None)


def _some_words(series: Series) -> str:
    return f"cells like {masks(series.as_words().words.slice(0, 3).to_pylist())}"


def _classes(series: Series, where: str, notes: Notes) -> _Classes:
    numbers = series.numbers if series.zeros is None and not series.strays else None
    exact = numbers is not None and np.nanmax(np.abs(numbers), initial=0) < _EXACT_INTEGER
    found = _from_numbers(numbers) if numbers is not None and exact else _from_words(series, where, notes)
    present = sum(found.counts)
    _check_labels(present, len(found.codes), where, notes)
    if len(found.words) == 1:
        held = _name(found.words[0], present)
        raise refusal("constant-target", f"{where} holds only {held} in all {present:,} rows.")
    if len(found.words) > _NEAR_UNIQUE * present and present >= ROWS_AT_LEAST:
        raise refusal("target-near-unique", f"{where} holds {len(found.words):,} different words in {present:,} rows.")
    _check_rows(present, where)
    return found


def _from_numbers(numbers: Floats) -> _Classes:
    encoded = pa.array(numbers, from_pandas=True).dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    words = tuple(str(int(value)) if value == int(value) else repr(value) for value in encoded.dictionary.to_pylist())
    return _Classes(codes, words, tuple(np.bincount(codes + 1, minlength=len(words) + 1)[1:].tolist()))


def _from_words(series: Series, where: str, notes: Notes) -> _Classes:
    words = series.as_words()
    if words.distinct > 10 * CLASSES_AT_MOST:  # refused by the caller; not worth merging spellings
        used = np.flatnonzero(words.counts > 0)
        return _Classes(words.codes, tuple(words.words.take(used).to_pylist()), tuple(words.counts[used].tolist()))
    merged: dict[str, list[int]] = {}
    spelled = words.words.to_pylist()
    for place in np.lexsort((np.arange(len(spelled)), -words.counts)).tolist():
        if words.counts[place]:
            merged.setdefault(spelled[place].casefold(), []).append(place)
    _check_truths(list(merged), where)
    for places in merged.values():
        if len(places) > 1:
            alike = listed([spelled[place] for place in places])
            sentence = f"Column {shown(series.name)}: the classes {alike} were read as {shown(spelled[places[0]])}."
            notes.warn("class-spelling", sentence, column=series.name)
    return _merge(words, spelled, list(merged.values()))


def _check_truths(spelled: Sequence[str], where: str) -> None:
    """Refuse yes and 1 in one target: as classes of their own they would be learned apart without a word."""
    meant = [word in TRUE_WORDS for word in spelled if word in TRUE_WORDS | FALSE_WORDS]
    if len(spelled) > 2 and len(meant) == len(spelled) and any(meant) and not all(meant):
        sentence = f"{where} holds {listed(spelled)}: two classes in more than two spellings."
        raise refusal("mixed-classes", sentence)


def _merge(words: Words, spelled: Sequence[str], groups: Sequence[Sequence[int]]) -> _Classes:
    lookup = np.full(len(spelled) + 1, -1, dtype=np.int32)
    for index, places in enumerate(groups):
        lookup[list(places)] = index
    names = tuple(spelled[places[0]] for places in groups)
    return _Classes(lookup[words.codes], names, tuple(int(words.counts[list(places)].sum()) for places in groups))


def _check_labels(present: int, rows: int, where: str, notes: Notes) -> None:
    if not present:
        raise refusal("no-labels", f"{where} holds no value in any row.")
    if present < rows:
        notes.warn(
            "unlabelled-rows",
            f"{where} is empty in {counted(rows - present, 'row, which was', 'rows, which were')} left out.",
        )


def _check_rows(present: int, where: str) -> None:
    if present < ROWS_AT_LEAST:
        sentence = f"{where} has a value in {present:,} rows; at least {ROWS_AT_LEAST} are needed."
        raise refusal("too-few-rows", sentence)


def _without_rare(found: _Classes, where: str, table: Table, notes: Notes) -> _Classes:
    """The classes but for those too small to be learned, whose rows are left out where they are hardly any."""
    counts = np.array(found.counts)
    rare = counts < ROWS_PER_CLASS
    few = bool(counts[rare].sum() <= RARE_SHARE * counts.sum())
    if not rare.any() or not few or np.count_nonzero(~rare) < 2 or len(rare) > 10 * CLASSES_AT_MOST:
        return found
    places = np.flatnonzero(rare)
    file, row = table.place(int(np.argmax(np.isin(found.codes, places))))
    named = ", ".join(f"{_name(found.words[place], 0)} ({counts[place]})" for place in places[:5])
    more = f" and {len(places) - 5:,} more" if len(places) > 5 else ""
    sentence = f"{where} has classes with fewer than {ROWS_PER_CLASS} rows: {named}{more}; {counted(int(counts[rare].sum()), 'such row was', 'such rows were')} left out (the first is in {file}, row {row:,})."  # noqa: E501
    notes.warn("class-left-out", sentence, file=file, row=row)
    kept = np.flatnonzero(~rare)
    lookup = np.append(np.where(rare, -1, np.cumsum(~rare) - 1), -1).astype(np.int32)
    return _Classes(lookup[found.codes], tuple(found.words[i] for i in kept), tuple(counts[kept].tolist()))


def _check_classes(found: _Classes, wanted: str, where: str, table: Table) -> None:
    count = len(found.words)
    if wanted == "binary" and count != 2:
        sentence = f"{where} has {count:,} classes ({_names(found)}), which is not binary."
        raise refusal("task-impossible", sentence)
    if count > CLASSES_AT_MOST:
        raise refusal("too-many-classes", f"{where} has {count:,} classes; at most {CLASSES_AT_MOST} are learned.")
    _check_lengths(found.words, where)
    small = [(name, n) for name, n in zip(found.words, found.counts, strict=True) if n < ROWS_PER_CLASS]
    if small:
        names = ", ".join(f"{_name(name, n)} ({n})" for name, n in small[:5])
        more = f" and {len(small) - 5} more" if len(small) > 5 else ""
        in_file, row = table.place(int(np.argmax(found.codes == found.words.index(small[0][0]))))
        more += f" (the first is in {in_file}, row {row:,})"
        raise refusal("class-too-small", f"{where} has classes with fewer than {ROWS_PER_CLASS} rows: {names}{more}.")


def _check_lengths(words: Sequence[str], where: str) -> None:
    longest = max(len(word) for word in words)
    if longest > CLASS_LIMIT:
        sentence = f"{where} holds a class of {longest:,} characters; at most {CLASS_LIMIT} are read as a class."
        raise refusal("class-too-long", sentence)
    together = len(json.dumps(words).encode())
    if together > CLASSES_LIMIT:
        sentence = f"{where} holds {len(words)} classes of {together:,} bytes as JSON; the limit is {CLASSES_LIMIT:,}."
        raise refusal("class-too-long", sentence)


def _name(word: str, rows: int) -> str:
    """A word of the target as a mail may show it: what few rows hold may be no class but a person's name."""
    is_ours = word.casefold() in TRUE_WORDS | FALSE_WORDS
    return shown(word) if is_ours or rows >= ROWS_PER_CLASS else f"a word like {mask(word)}"


def _names(found: _Classes) -> str:
    named = [_name(word, rows) for word, rows in zip(found.words, found.counts, strict=True)]
    return ", ".join(named[:5]) + (f" and {len(named) - 5:,} more" if len(named) > 5 else "")


def _ordered(found: _Classes, wanted: Any, where: str) -> tuple[list[int], str]:
    """The two classes, negative first, and the positive one."""
    positive = _positive(found, None if wanted is None else str(wanted))
    if positive is None:
        raise refusal("unknown-positive-class", f"{where} holds {listed(found.words)}, not {shown(wanted)}.")
    return [1 - positive, positive], found.words[positive]


def _positive(found: _Classes, wanted: str | None) -> int | None:
    words = [word.casefold() for word in found.words]
    if wanted is not None:
        alike = {wanted.casefold(), wanted.casefold().removesuffix(".0")}
        return next((place for place, word in enumerate(words) if word in alike), None)
    known = [place for place, word in enumerate(words) if word in POSITIVE_WORDS]
    return known[0] if len(known) == 1 else int(np.argmin(found.counts))


def _sorted(found: _Classes) -> list[int]:
    def key(place: int) -> tuple[int, float, str]:
        word = found.words[place]
        try:
            return (0, float(word), word)
        except ValueError:
            return (1, 0.0, word)

    return sorted(range(len(found.words)), key=key)


def class_words(target: Target) -> Words:
    """The labels of a task with classes as words again."""
    codes = np.where(target.labelled, target.labels, -1).astype(np.int32)
    return Words(codes, pa.array(target.classes, pa.string()), np.array(target.counts, dtype=np.int64))
