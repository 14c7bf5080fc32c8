"""What a column is: number, yes/no, category, date, identifier, constant, text or empty. Decided on the whole table.

The kinds and their typed values are fixed before the split; nothing is fitted here. A kind set in relay.yaml wins over
every rule below, and then what cannot be read as that kind is missing, with a warning, or refused if it is most of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.encoding.mask import mask
from jobs.prepare.date_columns import compact_dates, date_column
from jobs.prepare.date_names import is_year
from jobs.prepare.identifiers import counts_rows, is_identifier_name, is_key_name
from jobs.prepare.mixed import FEW_WORDS, is_numeric, marks, mixture
from jobs.prepare.truths import read_boolean
from jobs.prepare.typed import Typed
from jobs.refusals import counted, shown
from jobs.schema import OfKind
from jobs.tables.dates import read_dates
from jobs.tables.notes import Notes, refusal
from jobs.tables.table import Series, Table
from jobs.tables.words import Words

USABLE = ("numeric", "boolean", "categorical", "date")
_NEAR_UNIQUE = 0.95
_TEXT_SHARE = 0.5
_LONG_WORD = 60
_EXACT_INTEGER = 2.0**53
_KEY_SHARE = 0.1
_ROWS_COUNTED = 20
_THINGS = "its name says that it names things, and it has too many different ones to be categories"


def typed(series: Series, table: Table, forced: str | None, notes: Notes) -> Typed:
    """The column with its kind and values. Raises Refusal for one that is not of the kind that the settings say."""
    if forced is not None:
        return _forced(series, table, forced, notes)
    if series.doubt is not None:
        _tell_doubt(series, notes)
    if series.numbers is not None:
        if series.zeros is not None:
            _tell_zeros(series, notes)
            return _from_words(series, table, notes)
        found = mixture(series) if series.strays else None
        if found is None or is_numeric(found):
            column = compact_dates(series, table, notes) or _numeric(series, notes)
            odd = marks(found) if found is not None and column.kind == "numeric" else []
            return replace(column, facts={**column.facts, "missing_words": odd}) if odd else column
        column = _from_words(series, table, notes)
        if column.kind != "date":
            _tell_numbers_as_words(series, notes)
        return column
    return _from_words(series, table, notes)


def unjudged(series: Series) -> Typed:
    """A column that is not used whatever it holds: nothing about it is told or refused."""
    words = series.as_words()
    column = _words_of_any_kind(series.name, words, len(words.codes))
    return replace(column, used=False, why_unused="the settings leave it out")


def _numeric(series: Series, notes: Notes) -> Typed:
    numbers = series.numbers
    assert numbers is not None  # noqa: S101  only called for numbers
    _tell_strays(series, "number", notes)
    for part in series.parts:
        notes.add(part.told or Notes())
    values = pa.array(numbers, from_pandas=True)
    present = len(values) - values.null_count
    distinct = int(pc.count_distinct(values).as_py()) if present else 0
    whole = present > 0 and _is_whole(numbers)
    column = Typed(series.name, "numeric", len(values) - present, distinct, numbers, facts={"integer": whole})
    if not present:
        return column.unused("empty", "no cell holds a value")
    if whole and np.nanmax(np.abs(numbers)) >= _EXACT_INTEGER:
        return _too_long(series, notes)
    if distinct == 1 and column.missing == 0:
        return column.unused("constant", "every cell holds the same value")
    if whole:
        return _integers(series, column, present)
    return column


def _too_long(series: Series, notes: Notes) -> Typed:
    sentence = f"Column {shown(series.name)} holds integers of more than 15 digits, which are not exact as numbers."
    notes.warn("huge-integers", sentence, column=series.name)
    words = series.as_words()
    return _words_of_any_kind(series.name, words, len(words.codes))


def _integers(series: Series, column: Typed, present: int) -> Typed:
    numbers = column.numbers
    assert numbers is not None  # noqa: S101  only called for numbers
    near_unique = column.distinct >= _NEAR_UNIQUE * present and present >= _ROWS_COUNTED
    if (near_unique and is_identifier_name(series.name)) or (present >= _ROWS_COUNTED and _counts_rows(series)):
        return replace(column, words=series.as_words()).unused("identifier", "it numbers the rows")
    if _names_things(column, present):
        return replace(column, words=series.as_words()).unused("identifier", _THINGS)
    return column


def _names_things(column: Typed, present: int) -> bool:
    """Whether the name says identifier beyond doubt, as customer_id does, and it has many; rows may share them."""
    return is_key_name(column.name) and column.distinct > max(FEW_WORDS, _KEY_SHARE * present)


def _counts_rows(series: Series) -> bool:
    parts = [part.numbers for part in series.parts if part.numbers is not None]
    if len(parts) < len(series.parts) or any(is_year(series.name, part) for part in parts):
        return False
    return counts_rows(parts)


def _is_whole(numbers: npt.NDArray[np.float64]) -> bool:
    head = numbers[:1000]
    if np.any(head != np.floor(head), where=~np.isnan(head)):
        return False
    return bool(np.all((numbers == np.floor(numbers)) | np.isnan(numbers)))


def _from_words(series: Series, table: Table, notes: Notes) -> Typed:
    words = series.as_words()
    rows = len(words.codes)
    if not words.present:
        return Typed(series.name, "empty", rows, 0, words=words).unused("empty", "no cell holds a value")
    dates = read_dates(words, day_first=table.comma_file)
    column = None if dates is None else date_column(series.name, words, dates, table, notes)
    return column or _words_of_any_kind(series.name, words, rows)


def _words_of_any_kind(name: str, words: Words, rows: int) -> Typed:
    present, distinct = words.present, words.distinct
    column = Typed(name, "categorical", rows - present, distinct, words=words)
    if distinct <= 6:
        found = read_boolean(column, words)
        if found is not None:
            return found
    if distinct == 1 and present == rows:
        return column.unused("constant", "every cell holds the same word")
    if distinct > FEW_WORDS and distinct >= _TEXT_SHARE * present:
        sample = words.words.slice(0, 1000).to_pylist()
        short = sum(1 for word in sample if len(word) <= _LONG_WORD and " " not in word) >= 0.9 * len(sample)
        if distinct >= _NEAR_UNIQUE * present and (short or is_identifier_name(name)):
            return column.unused("identifier", "it names the rows: nearly every cell is another word")
        return column.unused("text", "its words are long or nearly all different")
    if _names_things(column, present):
        return column.unused("identifier", _THINGS)
    return _categorical(column, words)


def _categorical(column: Typed, words: Words) -> Typed:
    order = np.lexsort((np.arange(len(words.words)), -words.counts))
    order = order[words.counts[order] > 0]
    return replace(column, facts={"categories": words.words.take(pa.array(order)).to_pylist()})


def _tell_strays(series: Series, what: str, notes: Notes) -> None:
    for stray in series.strays:
        sentence = f"{stray.file}: column {shown(series.name)}, row {stray.row:,}: a cell like {mask(stray.word)} is no {what} ({counted(stray.count, 'such cell')}; read as missing)."  # noqa: E501
        notes.warn("stray-words", sentence, file=stray.file, row=stray.row, column=series.name)


def _tell_numbers_as_words(series: Series, notes: Notes) -> None:
    stray = series.strays[0]
    sentence = f"{stray.file}: column {shown(series.name)}, row {stray.row:,}: a cell like {mask(stray.word)} is no number ({counted(series.stray_count, 'such cell')}); the column was read as words."  # noqa: E501
    notes.warn("numbers-as-words", sentence, file=stray.file, row=stray.row, column=series.name)


def _tell_doubt(series: Series, notes: Notes) -> None:
    doubt = series.doubt
    assert doubt is not None  # noqa: S101  only called where there is one
    sentence = f"{doubt.sentence}; the column was read as words."
    notes.warn(doubt.code, sentence, file=doubt.file, row=doubt.row, column=series.name)


def _tell_zeros(series: Series, notes: Notes) -> None:
    zeros = series.zeros
    assert zeros is not None  # noqa: S101  only called where there are some
    sentence = f"{zeros.file}: column {shown(series.name)}, row {zeros.row:,}: a cell like {mask(zeros.word)} begins with a zero; the column was read as words."  # noqa: E501
    notes.warn("leading-zeros", sentence, file=zeros.file, row=zeros.row, column=series.name)


def _forced(series: Series, table: Table, kind: str, notes: Notes) -> Typed:
    if kind == "numeric" and series.doubt is not None:
        raise refusal("wrong-kind", f"{series.doubt.sentence}; it cannot be read as {shown(kind)}.")
    column = _FORCED[kind](series, table, notes) if kind in _FORCED else None
    if column is None:
        raise refusal("wrong-kind", f"{_example(series, table)} cannot be read as {shown(kind)}.")
    return column


def _example(series: Series, table: Table) -> str:
    """The column with the word that is most often in it, and where that word is first."""
    words = series.as_words()
    if not words.present:
        return f"{table.files[0].file}: column {shown(series.name)}, which is empty,"
    most = int(np.argmax(words.counts))
    file, row = table.place(words.first_of(np.arange(len(words.words)) == most))
    like = mask(words.words[most].as_py())
    return f"{file}: column {shown(series.name)}, with a cell like {like} in row {row:,} and {words.counts[most]:,} times in all,"  # noqa: E501


def _forced_numeric(series: Series, table: Table, notes: Notes) -> Typed | None:  # noqa: ARG001  one shape for all kinds
    if series.numbers is None:
        return None
    _tell_strays(series, "number", notes)
    values = pa.array(series.numbers, from_pandas=True)
    distinct = int(pc.count_distinct(values).as_py())
    facts: OfKind = {"integer": _is_whole(series.numbers)}
    odd = marks(mixture(series)) if series.strays else []
    if odd:
        facts["missing_words"] = odd
    return Typed(series.name, "numeric", values.null_count, distinct, series.numbers, facts=facts)


def _forced_boolean(series: Series, table: Table, notes: Notes) -> Typed | None:  # noqa: ARG001
    words = series.as_words()
    column = Typed(series.name, "boolean", len(words.codes) - words.present, words.distinct, words=words)
    return read_boolean(column, words)


def _forced_categorical(series: Series, table: Table, notes: Notes) -> Typed | None:  # noqa: ARG001
    words = series.as_words()
    return _categorical(
        Typed(series.name, "categorical", len(words.codes) - words.present, words.distinct, words=words), words
    )


def _forced_date(series: Series, table: Table, notes: Notes) -> Typed | None:
    words = series.as_words()
    dates = read_dates(words, day_first=table.comma_file, forced=True)
    return None if dates is None else date_column(series.name, words, dates, table, notes, forced=True)


def _set_aside(kind: str) -> Callable[[Series, Table, Notes], Typed]:
    def read(series: Series, table: Table, notes: Notes) -> Typed:  # noqa: ARG001
        words = series.as_words()
        column = Typed(series.name, kind, len(words.codes) - words.present, words.distinct, words=words)
        return column.unused(kind, f"the settings call it {kind}")

    return read


_FORCED: dict[str, Callable[[Series, Table, Notes], Typed | None]] = {
    "numeric": _forced_numeric,
    "boolean": _forced_boolean,
    "categorical": _forced_categorical,
    "date": _forced_date,
    **{kind: _set_aside(kind) for kind in ("identifier", "constant", "text", "leak", "empty")},
}
