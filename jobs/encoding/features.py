"""Every column as features that need no target: what the ensemble's members share, whatever rows they are trained on.

Few words are one-hot. Many are how often a word occurs, its place among the others where they are not very many, and
its pieces where they are words and no codes. Dates are their parts, their time of day, and the days between any two of
them. What a word has to do with the target is added by fold: see fitting.py. Never imported while serving.
"""

import re
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from jobs.encoding import words as of_words
from jobs.encoding.date_forms import is_clock
from jobs.encoding.fitting import ONE_HOT_AT_MOST, Codes, codes_of, encoding_of, used_columns
from jobs.encoding.fitting_grams import fit_grams
from jobs.encoding.kinds import AnyEncoding
from jobs.encoding.moments import Clock, Date, Elapsed

if TYPE_CHECKING:
    from jobs.schema import Column, Schema

CODES_AT_MOST = 1_000
"""Distinct words of a column up to which each has a place; among more, one is too rare to be cut out by a tree."""
COUNTED_AT_MOST = 20_000
"""Words whose frequency is kept, the most frequent ones: the rest are told apart from unknown ones by nothing much."""
PIECED_AT_MOST = 8
"""Columns that are looked into, those of the longest words: each adds to the archive, and to every answer."""
DATES_PAIRED = 6
_LONGER_THAN = 3
_WORDY = re.compile(r"[^\W\d_]{3}")


def fit_features(frame: Any, schema: "Schema") -> tuple[AnyEncoding, ...]:
    """The encodings of a typed table (see `Encoder.fit_encode`), a column's in the schema's order, then the pairs.

    Raises ValueError where the schema leaves no column to learn from.
    """
    columns = used_columns(schema)
    words = {column["name"]: codes_of(frame[column["name"]]) for column in columns if column["kind"] == "categorical"}
    many = {name: found for name, found in words.items() if len(found[0]) > ONE_HOT_AT_MOST}
    longest = sorted(filter(lambda name: _is_looked_into(*many[name]), many), key=lambda name: -_length(many[name][0]))
    encodings: list[AnyEncoding] = []
    for column in columns:
        name = column["name"]
        if name in many:
            encodings += _of_many_words(name, *many[name], look_into=name in longest[:PIECED_AT_MOST])
        elif column["kind"] == "date":
            encodings += _of_a_date(column)
        else:
            encodings.append(encoding_of(column, words.get(name)))
    return (*encodings, *_between(columns))


def _of_many_words(name: str, known: list[str], codes: Codes, *, look_into: bool) -> list[AnyEncoding]:
    missing, *counts = np.bincount(codes.astype(np.intp) + 1, minlength=len(known) + 1).tolist()
    order = np.argsort(-np.array(counts), kind="stable")[:COUNTED_AT_MOST].tolist()
    places = {known[code]: place for place, code in enumerate(order)}
    last = len(order)
    encodings: list[AnyEncoding] = [
        of_words.Frequency(name, places, last, last + 1, (*(counts[code] for code in order), missing, 0))
    ]
    if len(known) <= CODES_AT_MOST:
        encodings.append(of_words.Codes(name, places, last, last + 1))
    if look_into and (pieced := fit_grams(name, known, np.array(counts))):
        encodings.append(pieced)
    return encodings


def _is_looked_into(known: list[str], codes: Codes) -> bool:
    """Whether words have pieces that say something: not where they are short, nor where nearly each row has a code."""
    wordy = sum(bool(_WORDY.search(word)) for word in known) > len(known) / 2
    one_a_row = len(known) > (codes >= 0).sum() / 2
    return _length(known) > _LONGER_THAN and (wordy or not one_a_row)


def _length(known: list[str]) -> float:
    """Characters a word, on average."""
    return sum(map(len, known)) / len(known)


def _of_a_date(column: "Column") -> list[AnyEncoding]:
    name, pattern, gaps = _read_by(column)
    encodings: list[AnyEncoding] = [Date(name, pattern, missing_words=gaps)]
    if column.get("has_time") and not is_clock(pattern):
        encodings.append(Clock(name, pattern, gaps))
    return encodings


def _between(columns: list["Column"]) -> list[Elapsed]:
    dates = [
        _read_by(column) for column in columns if column["kind"] == "date" and not is_clock(column.get("date_format"))
    ]
    return [
        Elapsed(one, other, pattern, other_pattern, gaps, other_gaps)
        for (one, pattern, gaps), (other, other_pattern, other_gaps) in combinations(dates[:DATES_PAIRED], 2)
    ]


def _read_by(column: "Column") -> tuple[str, str | None, tuple[str, ...]]:
    return column["name"], column.get("date_format"), tuple(column.get("missing_words") or ())
