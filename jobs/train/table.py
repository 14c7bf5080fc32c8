"""The channels' rows as the table that is learned from: held where they are few, read in pieces where they are many."""

from __future__ import annotations

from pathlib import Path

from jobs.encoding.typed_rows import count_rows, iterate_typed, read_typed
from jobs.ensemble.folds import FOLDED_AT_MOST
from jobs.ensemble.training import Table
from jobs.schema import Schema


def read_table(train: Path, validation: Path, schema: Schema, held_at_most: int = FOLDED_AT_MOST) -> Table:
    """Training rows, then validation rows. Of more than `held_at_most` only labels and words are held."""
    folders = [train, validation]
    if count_rows(folders) <= held_at_most:
        labels, frame = read_typed(folders, schema)
        return Table(frame, labels, count_rows(train), schema)
    labels, words = read_typed(folders, schema, kinds=("categorical",))
    return Table(
        words, labels, count_rows(train), schema, lambda: (frame for _, frame in iterate_typed(folders, schema))
    )
