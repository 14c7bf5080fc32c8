"""Yes and no as people write them; a column is one of truths when it holds nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jobs.prepare.typed import Typed
from jobs.schema import OfKind
from jobs.tables.words import Words, among

TRUE_WORDS = frozenset({"yes", "true", "y", "t", "on", "ja", "oui", "si", "sí", "wahr", "vrai", "x", "1", "1.0"})
FALSE_WORDS = frozenset({"no", "false", "n", "f", "off", "nein", "non", "falsch", "faux", "0", "0.0"})


def read_boolean(column: Typed, words: Words) -> Typed | None:
    known = words.counts > 0
    true, false = among(words.words, TRUE_WORDS), among(words.words, FALSE_WORDS)
    """The column as yes and no, or None where its words are not all of these."""
    if not ((true | false) | ~known).all() or not (true & known).any():
        return None
    spelled = dict(zip(words.words.to_pylist(), words.counts.tolist(), strict=True))
    trues = sorted(word for word, count in spelled.items() if count and word.lower() in TRUE_WORDS)
    falses = sorted(word for word, count in spelled.items() if count and word.lower() in FALSE_WORDS)
    if not falses and (column.missing == 0 or len({word.lower() for word in trues}) > 1):
        return None  # x and y with gaps are two categories, not one yes
    value = np.where(true, 1.0, np.where(false, 0.0, np.nan))
    numbers = np.append(value, np.nan)[words.codes]
    facts: OfKind = {"true_words": trues, "false_words": falses}
    return replace(column, kind="boolean", numbers=numbers, distinct=int(bool(trues)) + int(bool(falses)), facts=facts)
