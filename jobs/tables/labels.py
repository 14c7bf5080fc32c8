"""Labels that people wrote, in the terms of a model that is already there: a class's position, or a number.

The model's classes are fixed, so nothing is inferred here; but a label is read as prepare read it when the model was
trained: outer blanks and case do not matter, a 1.0 that pandas wrote is the class 1, words for "nothing here" are no
label (unless the model knows the word as a class), and regression takes numbers as people write them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.encoding.text import composed
from jobs.tables.columns import read_columns
from jobs.tables.grid import Grid
from jobs.tables.notes import Notes
from jobs.tables.numbers import written
from jobs.tables.words import ALWAYS_MISSING

EMPTY, UNREADABLE = -1, -2
"""What stands for a cell without a label, and for one that is no class (or no number)."""

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def class_codes(cells: pa.ChunkedArray, classes: Sequence[str]) -> Codes:
    """Each cell's position in `classes`, EMPTY or UNREADABLE.

    >>> class_codes(pa.chunked_array([["Yes ", "1.0", "n/a", None, "maybe"]]), ["1", "yes"]).tolist()
    [1, 0, -1, -1, -2]
    """
    encoded = cells.combine_chunks().dictionary_encode()
    known = {composed(name.strip()).casefold(): place for place, name in enumerate(classes)}
    by_word = [_class_code(word, known) for word in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    found: Codes = np.array([*by_word, EMPTY], np.int64)[codes]
    return found


def _class_code(word: str, known: dict[str, int]) -> int:
    plain = composed(word.strip()).casefold()
    if plain in known:
        return known[plain]
    if not plain or plain in ALWAYS_MISSING:
        return EMPTY
    whole, point, zeros = plain.partition(".")
    if point and whole in known and whole.lstrip("+-").isdecimal() and not zeros.strip("0"):
        return known[whole]
    return UNREADABLE


def number_values(grid: Grid, file: str, delimiter: str, notes: Notes) -> tuple[Floats, Codes]:
    """The numbers of a grid's only column, NaN where there is none, and a code a cell: 0, EMPTY or UNREADABLE.

    Raises Refusal where two ways of writing numbers stand in one file. A column that is mostly words is read all the
    same: here it is known that numbers are meant.
    """
    (column,), _ = read_columns(grid, file, None, delimiter, (), notes)
    words = column.as_words()
    numbers = column.numbers
    if numbers is None:
        numbers = np.append(written(words.words).values("."), np.nan)[words.codes]
    missing = words.codes < 0
    codes = np.where(missing, EMPTY, np.where(np.isnan(numbers), UNREADABLE, 0)).astype(np.int64)
    return numbers, codes


def trimmed(cells: pa.ChunkedArray) -> pa.Array:
    """Text without outer blanks, null where nothing is left.

    >>> trimmed(pa.chunked_array([[" a", " ", None]])).to_pylist()
    ['a', None, None]
    """
    text = pc.utf8_trim_whitespace(cells.combine_chunks().cast(pa.string()))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
