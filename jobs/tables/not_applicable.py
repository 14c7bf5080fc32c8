"""NA in the target: "not available", which is no answer, or a class of its own (Namibia, North America, "none").

The word cannot say which; how often it stands there can. An answer that nobody has is rarer, or far more frequent, than
the answers; a class is one among them. Beside numbers and R's TRUE and FALSE it is always the missing value, for which
those columns have no other word. Either reading is told, and `na_in_target` in relay.yaml decides otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from jobs.refusals import counted, listed, shown
from jobs.schema import Schema
from jobs.tables.conventions import tell_missing
from jobs.tables.notes import Notes
from jobs.tables.table import Series, Table
from jobs.tables.words import NOT_APPLICABLE, Words, among

_LEAST, _MOST = 0.5, 2.0
"""Of the median, and of the largest, of the other classes: between them NA is as frequent as a class is."""
_LOGICAL = ("true", "false", "t", "f")


def with_na_as_class(series: Series, table: Table, wanted: Any, notes: Notes, live: Schema | None = None) -> Series:
    """The target with NA as a word where it is a class. `wanted`: na_in_target of relay.yaml; `live`: the schema of the
    live model, whose classes stay classes."""
    if wanted == "missing" or all(part.words is None or part.words.with_na is None for part in series.parts):
        return series
    kept = na_kept(series)
    is_known = live is not None and live["target"] == series.name and has_na(live["classes"])
    if (
        not is_known
        and wanted != "class"
        and (series.numbers is not None or not _is_one_of_the_classes(kept.as_words()))
    ):
        return series
    words = kept.as_words()
    na = among(words.words, NOT_APPLICABLE) & (words.counts > 0)
    file, row = table.place(words.first_of(na))
    rows = int(words.counts[na].sum())
    spelled = listed([word for word, is_na in zip(words.words.to_pylist(), na.tolist(), strict=True) if is_na])
    notes.withdraw("missing-words", series.name)
    for read, part in zip(table.files, kept.parts, strict=True):
        tell_missing(part.as_words(), read.file, series.name, notes)
    sentence = f"Column {shown(series.name)}: {spelled} stands in {counted(rows, 'row')}, the first is row {row:,} of {file}, and was read as a class."  # noqa: E501
    notes.warn("na-class", sentence, file=file, row=row, column=series.name)
    return kept


def has_na(classes: Sequence[str] | None) -> bool:
    """Whether NA is one of the classes."""
    return any(name.casefold() in NOT_APPLICABLE for name in classes or ())


def na_kept(series: Series) -> Series:
    """The same column with NA as a word like any other."""
    parts = tuple(
        part if part.words is None or part.words.with_na is None else replace(part, words=part.words.with_na)
        for part in series.parts
    )
    return replace(series, parts=parts, numbers=None, strays=())


def _is_one_of_the_classes(words: Words) -> bool:
    used = words.counts > 0
    na = among(words.words, NOT_APPLICABLE) & used
    others = used & ~na
    if not others.any() or (others & ~among(words.words, _LOGICAL)).sum() == 0:
        return False
    counts, rows = words.counts[others], int(words.counts[na].sum())
    return bool(_LEAST * float(np.median(counts)) <= rows <= _MOST * int(counts.max()))
