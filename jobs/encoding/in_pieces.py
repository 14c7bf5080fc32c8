"""A long table encoded piece by piece: what a word is as numbers is found out once, and looked up in every piece.

`Encoder.encode_frame` does the same for a table at once; pieces of one column share its categories, as typed_rows.py
gives them. Never imported while serving.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from jobs.encoding.columns import Encoding, Floats
from jobs.encoding.encoder import Encoder
from jobs.encoding.moments import Elapsed

Tables = dict[int, tuple[Any, Floats]]
"""By the place of an encoding of words: all words of its column, and the features of each."""


def encode_pieces(encoder: Encoder, frames: Iterable[Any], tables: Tables | None = None) -> Iterator[Floats]:
    """Each piece's rows as `encoder.encode_frame` encodes them.

    `tables` are filled on the way: who encodes the same rows again hands them back, because to take twenty thousand
    words to pieces costs more than all the rest.
    """
    tables = {} if tables is None else tables
    for frame in frames:
        matrix = np.empty((len(frame), len(encoder.features)), dtype=np.float32, order="F")
        for place, (encoding, block) in enumerate(encoder.blocks):
            if isinstance(encoding, Elapsed):
                encoding.fill_two_series(frame[encoding.column], frame[encoding.other], matrix[:, block])
                continue
            series = frame[encoding.column]
            if not isinstance(series.dtype, pd.CategoricalDtype):
                encoding.fill_series(series, matrix[:, block])
                continue
            words = series.cat.categories
            if place not in tables or not tables[place][0].equals(words):
                tables[place] = words, _of_each(encoding, series.dtype)
            matrix[:, block] = tables[place][1][series.cat.codes.to_numpy()]
        yield matrix


def _of_each(encoding: Encoding, words: pd.CategoricalDtype) -> Floats:
    """The features of each word, and behind them, where code -1 looks, those of a missing cell."""
    count = len(words.categories)
    each = pd.Series(pd.Categorical.from_codes([*range(count), -1], dtype=words))
    table = np.empty((count + 1, len(encoding.features)), dtype=np.float32)
    encoding.fill_series(each, table)
    return table
